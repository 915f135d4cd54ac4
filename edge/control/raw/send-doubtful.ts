import type { StationId } from '@busbar/model/ids.ts'
import type { StationAnswer, StationCommand } from '../../domain/commands.ts'
import type { SendOptions } from '../../domain/ports/station-commands.ts'
import type { Depot } from '../depot.ts'
import { doubtFacts } from './doubts.ts'
import { settleDoubts } from './settle.ts'

/** A variable or a vendor's message may switch limits off; a restart or another firmware may forget them. */
const RAISING: ReadonlyMap<StationCommand['kind'], { readonly reboots: boolean }> = new Map([
  ['set-variable', { reboots: false }],
  ['data-transfer', { reboots: false }],
  ['reset', { reboots: true }],
  ['update-firmware', { reboots: true }],
])

/**
 * Sends a person's command. One that may raise limits unseen counts the station's EVSEs at their rating first, on disk,
 * until everything has been set anew.
 */
export async function sendDoubtful(
  depot: Depot,
  asked: { readonly station: StationId; readonly command: string; readonly request: StationCommand },
  options: SendOptions,
): Promise<StationAnswer> {
  const { station, command, request } = asked
  const raising = RAISING.get(request.kind)
  if (raising === undefined) return depot.deps.commands.send(station, request, options)
  const of = { station, command, action: request.kind, limit: null, profile: null, ...raising }
  await depot.recorder.record(doubtFacts(depot, 0, of))
  const answer = await depot.deps.commands.send(station, request, options)
  settleDoubts(depot, asked, { undone: true, answer })
  return answer
}
