import type { StationId } from '@busbar/model/ids.ts'
import type { StationAnswer, StationCommand } from '../../domain/commands.ts'
import type { SendOptions } from '../../domain/ports/station-commands.ts'
import type { Depot } from '../depot.ts'
import { sendCounted } from './send-counted.ts'

/** A variable or a vendor's message may switch limits off; a restart or another firmware may forget them. */
const RAISING: ReadonlyMap<StationCommand['kind'], { readonly reboots: boolean }> = new Map([
  ['set-variable', { reboots: false }],
  ['data-transfer', { reboots: false }],
  ['reset', { reboots: true }],
  ['update-firmware', { reboots: true }],
])

/** Sends a person's command. One that may raise limits unseen counts the station's EVSEs at their rating first. */
export async function sendDoubtful(
  depot: Depot,
  asked: { readonly station: StationId; readonly command: string; readonly request: StationCommand },
  options: SendOptions,
): Promise<StationAnswer> {
  const { station, command, request } = asked
  const send = () => depot.deps.commands.send(station, request, options)
  const raising = RAISING.get(request.kind)
  return raising === undefined
    ? send()
    : sendCounted(depot, { station, command, action: request.kind, ...raising }, send)
}
