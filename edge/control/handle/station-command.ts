import { seconds } from '@busbar/units/time.ts'
import type { StationAnswer, StationCommand } from '../../domain/commands.ts'
import type { CommandResult, InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'
import { withoutSecrets } from '../secrets.ts'
import { roomFor } from './authorize.ts'

/** How long a person's request is waited for. */
const DEADLINE = seconds(30)

/** Stored before it acts; a start first gets the room that it may use. */
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
  const durable = depot.recorder.record([received])
  const outcome = durable.then(async (): Promise<CommandResult> => {
    const answer = await act(depot, input)
    const reason = 'reason' in answer ? answer.reason : null
    const result = answer.status === 'not-sent' ? 'rejected' : answer.status
    await depot.recorder.record([
      depot.recorder.fact('CommandFinished', { type: 'command', id: command }, { command, result, reason }),
    ])
    return {
      command,
      status: answer.status,
      reason,
      ...(answer.status === 'accepted' && answer.variables ? { variables: [...answer.variables] } : {}),
      ...(answer.status === 'accepted' && answer.unknown ? { unknown: [...answer.unknown] } : {}),
    }
  })
  outcome.catch(() => undefined)
  return { outcome, durable }
}

const LIMITS: readonly StationCommand['kind'][] = [
  'clear-charging-profile',
  'set-charging-profile',
  'set-default-limit',
  'set-transaction-limit',
  'clear-limits',
]

/** Limits go through the ledger or not at all: one cleared from outside would let the station's maximum through. */
async function act(depot: Depot, { station, command }: InputOf<'station-command'>): Promise<StationAnswer> {
  if (LIMITS.includes(command.kind))
    return { status: 'rejected', reason: 'limits are set by the load balancer alone' }
  if (command.kind === 'request-start' && (await roomFor(depot, station)) !== 'Accepted')
    return { status: 'rejected', reason: 'there is no room for its fallback just now' }
  return depot.deps.commands.send(station, command, { priority: 'operator', deadline: DEADLINE })
}
