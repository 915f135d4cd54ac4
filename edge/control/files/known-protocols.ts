import type { StationId } from '@busbar/model/ids.ts'
import { deviceModels } from '../../domain/charging/device-model/device-model.ts'
import type { Depot } from '../depot.ts'

/** Keys by which stations tell how they move files. @see OCPP 1.6 security whitepaper; 2.0.1 OCPPCommCtrlr */
const NAMES = new Set(['supportedfiletransferprotocols', 'filetransferprotocols'])

/** Why a station cannot use this address by what it has told of itself; null when it can, or has told nothing. */
export function protocolFault(depot: Depot, station: StationId, url: string): string | null {
  const told = Object.values(depot.memory.table(deviceModels).get(station)?.variables ?? {}).flatMap(
    ({ variable, attributes }) =>
      NAMES.has(variable.name.toLowerCase()) ? attributes.map(({ value }) => value ?? '') : [],
  )
  const protocols = told.flatMap((list) => list.split(',').map((each) => each.trim().toUpperCase()))
  const known = protocols.filter((each) => each !== '')
  const needed = url.startsWith('https:') ? 'HTTPS' : 'HTTP'
  if (known.length === 0 || known.includes(needed)) return null
  return `${station} moves files over ${known.join(', ')} alone, and this depot over ${needed} alone: there is no FTP here`
}
