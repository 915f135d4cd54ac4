import type { StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import type { StationAnswer, StationCommand, Transfer } from '../../domain/commands.ts'
import { firmwareImages } from '../../domain/file-records.ts'
import type { CommandResult, InputOf, Submitted } from '../../domain/inputs.ts'
import type { Address, StationFiles } from '../../domain/ports/station-files.ts'
import type { Depot } from '../depot.ts'
import { resultOf } from '../handle/station-command.ts'
import { finishedFact } from '../outbox.ts'
import { sendDoubtful } from '../raw/send-doubtful.ts'
import { protocolFault } from './known-protocols.ts'

const DEADLINE = seconds(30)
/** An update may wait for its time and then be tried for a day. */
const DAY_MS = 86_400_000
const ATTEMPTS = { retries: 2, retryIntervalS: 60 }
const NO_FILES = 'this depot takes and gives no files: files is not configured'

/** An order on record, and the command that it becomes once there is an address for it. */
interface Order {
  readonly input: InputOf<'log-wanted' | 'firmware-wanted'>
  readonly action: 'get-log' | 'update-firmware'
  readonly request: number
  readonly params: object
  command(files: StationFiles): Promise<StationCommand | { readonly refused: string }>
}

/** Asks a station for a log, to be left at an address of here. @see OCPP 1.6 GetDiagnostics, 2.0.1 N01 */
export function logWanted(depot: Depot, input: InputOf<'log-wanted'>): Submitted<'log-wanted'> {
  const { station, log, oldest, latest } = input
  const request = nextRequest(depot)
  return carryOut(depot, {
    input,
    action: 'get-log',
    request,
    params: { log, request, oldest, latest },
    command: async (files) => {
      const to = transfer(depot, station, files.inboxFor({ station, log, request }))
      return 'refused' in to ? to : { kind: 'get-log', log, request, to, oldest, latest }
    },
  })
}

/** Has a station fetch an image from an address of here. @see OCPP 1.6 UpdateFirmware, 2.0.1 L01 */
export function firmwareWanted(
  depot: Depot,
  input: InputOf<'firmware-wanted'>,
): Submitted<'firmware-wanted'> {
  const { station, image: name, installAt, unsigned } = input
  const retrieveAt = input.retrieveAt ?? depot.now
  const request = nextRequest(depot)
  return carryOut(depot, {
    input,
    action: 'update-firmware',
    request,
    params: { image: name, request, retrieve_at: retrieveAt, install_at: installAt, unsigned },
    command: async (files) => {
      const image = depot.memory.table(firmwareImages).get(name)
      if (image === undefined) return { refused: `there is no firmware image ${name}` }
      const withinMs = Math.max(0, retrieveAt - depot.now) + DAY_MS
      const from = transfer(depot, station, await files.shelfFor({ station, image, request, withinMs }))
      if ('refused' in from) return from
      const signed = unsigned ? null : image.signed
      return { kind: 'update-firmware', request, from, retrieveAt, installAt, signed }
    },
  })
}

/** On record before anything leaves; the record tells what was asked, never the address. */
function carryOut(
  depot: Depot,
  order: Order,
): { readonly outcome: Promise<CommandResult>; readonly durable: Promise<void> } {
  const { station, by } = order.input
  const command = `${station}-${depot.now}-${depot.commandCount++}`
  const subject = { type: 'command', id: command } as const
  const received = { command, action: order.action, station, params: order.params, by }
  const durable = depot.recorder.record([depot.recorder.fact('CommandReceived', subject, received)])
  const outcome = durable.then(async (): Promise<CommandResult> => {
    const answer = await answerTo(depot, order, command)
    const reason = 'reason' in answer ? answer.reason : null
    const result = answer.status === 'not-sent' ? 'rejected' : answer.status
    await depot.recorder.record([finishedFact(depot, command, { result, reason })])
    return { ...resultOf(command, answer), request: order.request }
  })
  outcome.catch(() => undefined)
  return { outcome, durable }
}

async function answerTo(depot: Depot, order: Order, command: string): Promise<StationAnswer> {
  const { station } = order.input
  if (depot.files === null) return { status: 'rejected', reason: NO_FILES }
  if (!depot.links.has(station)) return { status: 'not-sent', reason: 'offline' }
  const request = await order.command(depot.files)
  if ('refused' in request) return { status: 'rejected', reason: request.refused }
  return sendDoubtful(depot, { station, command, request }, { priority: 'operator', deadline: DEADLINE })
}

function transfer(
  depot: Depot,
  station: StationId,
  address: Address,
): Transfer | { readonly refused: string } {
  if ('refused' in address) return address
  const fault = protocolFault(depot, station, address.url)
  return fault === null ? { location: address.url, ...ATTEMPTS } : { refused: fault }
}

/** Numbers that rise over restarts too, within 31 bits: seconds since 1970, or one more than the last. */
function nextRequest(depot: Depot): number {
  depot.lastFileRequest = Math.max(depot.lastFileRequest + 1, Math.floor(depot.now / 1000))
  return depot.lastFileRequest
}
