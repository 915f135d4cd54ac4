import { evseKey, type StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { mayWait, outbox, slotOf } from '../../domain/charging/outbox.ts'
import { withoutSecrets } from '../../domain/charging/secrets.ts'
import type { StationAnswer, StationCommand } from '../../domain/commands.ts'
import type { Fact } from '../../domain/facts.ts'
import type { CommandResult, InputOf, Submitted } from '../../domain/inputs.ts'
import { limitValue } from '../../domain/limit.ts'
import type { Depot } from '../depot.ts'
import { keepAnswer } from '../devices/variables-told.ts'
import { addressFault } from '../files/raw-addresses.ts'
import { finishedFact, sendKept, supersededBy } from '../outbox.ts'
import { sendDoubtful } from '../raw/send-doubtful.ts'
import { roomFor } from './authorize.ts'

/** How long a person's request is waited for. */
const DEADLINE = seconds(30)

/** Stored before it acts; a start first gets the room that it may use. With an expiry it may wait for its station. */
export function stationCommand(
  depot: Depot,
  input: InputOf<'station-command'>,
): Submitted<'station-command'> {
  const command = `${input.station}-${depot.now}-${depot.commandCount++}`
  const { kind, ...params } = input.command
  const received = depot.recorder.fact(
    'CommandReceived',
    { type: 'command', id: command },
    { command, action: kind, station: input.station, params: withoutSecrets(params), by: input.by },
  )
  const misled = addressFaultOf(depot, input)
  const waits = misled === null && input.expiresAt !== undefined && mayWait(input.command)
  const durable = depot.recorder.record([received, ...(waits ? keptFacts(depot, input, command) : [])])
  const outcome = durable.then(() =>
    waits ? keep(depot, command) : actNow(depot, { ...input, misled }, command),
  )
  outcome.catch(() => undefined)
  return { outcome, durable }
}

/** Why the text that a command writes or carries may not go out: an address in it leads to nobody we know. */
function addressFaultOf(depot: Depot, { station, command }: InputOf<'station-command'>): string | null {
  if (command.kind === 'set-variable')
    return addressFault(depot, { station, action: 'SetVariables', payload: { value: command.value } })
  if (command.kind === 'data-transfer')
    return addressFault(depot, { station, action: 'DataTransfer', payload: { data: command.data } })
  return null
}

function keptFacts(depot: Depot, input: InputOf<'station-command'>, command: string): Fact[] {
  const { station, command: request, by, expiresAt = depot.now } = input
  const slot = slotOf(request)
  const data = { command, station, request, slot, expires_at: expiresAt, by }
  return [
    ...supersededBy(depot, station, slot),
    depot.recorder.fact('CommandKept', { type: 'command', id: command }, data),
  ]
}

async function keep(depot: Depot, command: string): Promise<CommandResult> {
  const entry = depot.memory.table(outbox).get(command)
  const answer = entry === undefined ? null : await sendKept(depot, entry)
  const stillWaits = answer === null && depot.memory.table(outbox).has(command)
  if (answer !== null) return resultOf(command, answer)
  return { command, status: stillWaits ? 'waiting' : 'rejected', reason: stillWaits ? null : 'superseded' }
}

async function actNow(
  depot: Depot,
  input: InputOf<'station-command'> & { readonly misled: string | null },
  command: string,
): Promise<CommandResult> {
  const cannotWait = input.expiresAt === undefined ? null : `a ${input.command.kind} cannot wait`
  const refused = input.misled ?? cannotWait
  const answer: StationAnswer =
    refused === null ? await act(depot, input, command) : { status: 'rejected', reason: refused }
  const reason = 'reason' in answer ? answer.reason : null
  if (answer.status === 'accepted') keepAnswer(depot, input.station, answer).catch(() => undefined)
  if (answer.status === 'accepted' && answer.remoteStart !== undefined)
    depot.remoteStarts.asked(input.station, answer.remoteStart, command)
  const result = answer.status === 'not-sent' ? 'rejected' : answer.status
  await depot.recorder.record([finishedFact(depot, command, { result, reason })])
  return resultOf(command, answer)
}

/** What became of a command, as its sender is told. */
export function resultOf(command: string, answer: StationAnswer): CommandResult {
  const reason = 'reason' in answer ? answer.reason : null
  if (answer.status !== 'accepted') return { command, status: answer.status, reason }
  const { variables, unknown, when, listVersion } = answer
  return {
    command,
    status: answer.status,
    reason,
    ...(variables === undefined ? {} : { variables: [...variables] }),
    ...(unknown === undefined ? {} : { unknown: [...unknown] }),
    ...(when === undefined ? {} : { when }),
    ...(listVersion === undefined ? {} : { listVersion }),
  }
}

const LIMITS: readonly StationCommand['kind'][] = [
  'clear-charging-profile',
  'raw',
  'set-charging-profile',
  'set-default-limit',
  'set-transaction-limit',
  'clear-limits',
]

/** What a station proves itself with: changed at the station alone, it could not come in any more. */
const OWN_SECRETS = /^([^.]+\.)?(AuthorizationKey|BasicAuthPassword)(\[.*\])?$/i

/** Limits go through the ledger or not at all: one cleared from outside would let the station's maximum through. */
async function act(
  depot: Depot,
  { station, command }: InputOf<'station-command'>,
  id: string,
): Promise<StationAnswer> {
  if (LIMITS.includes(command.kind))
    return { status: 'rejected', reason: 'limits are set by the load balancer alone' }
  if (command.kind === 'request-start' && !withinFallback(depot, station, command))
    return { status: 'rejected', reason: 'room is made for its fallback; its limit may allow no more' }
  if (command.kind === 'request-start' && (await roomFor(depot, station)) !== 'Accepted')
    return { status: 'rejected', reason: 'there is no room for its fallback just now' }
  if (
    command.kind === 'change-password' ||
    (command.kind === 'set-variable' && OWN_SECRETS.test(command.name))
  )
    return {
      status: 'rejected',
      reason: 'the depot would not know it: change-password changes it at both ends',
    }
  depot.conformance.of(station)?.abort(`somebody sent it a ${command.kind}`)
  const asked = { station, command: id, request: command }
  return sendDoubtful(depot, asked, { priority: 'operator', deadline: DEADLINE })
}

/** Room is made for the fallback alone, so that is the most a start may be given along. */
function withinFallback(
  depot: Depot,
  station: StationId,
  { evse, limit }: Extract<StationCommand, { kind: 'request-start' }>,
): boolean {
  if (limit === undefined) return true
  const fallback = depot.setup.site.evses.get(evseKey(station, evse))?.fallback
  if (fallback === undefined || 'limit_a' in fallback !== 'limit_a' in limit) return false
  return limitValue(limit) <= limitValue(fallback)
}
