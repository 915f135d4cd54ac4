import { join } from 'node:path'
import type { DoorIdentity } from '../adapters/ocpp/csms.ts'
import { type RunningAuthority, startStationAuthority } from '../adapters/pki/station-authority.ts'
import type { StationAuthority } from '../domain/ports/station-authority.ts'
import type { Parts } from './parts.ts'

/** The depot's certificate authority, beside its data; null where no station needs TLS. */
export async function startAuthority({
  loaded,
  clock,
}: Pick<Parts, 'loaded' | 'clock'>): Promise<RunningAuthority | null> {
  const { tls } = loaded.config.ocpp
  if (tls === undefined) return null
  return startStationAuthority({ folder: join(loaded.dataFolder, 'pki'), operator: tls.operator, clock })
}

/** A fresh certificate for these names, and whom to believe just now. */
export async function doorIdentity(
  authority: StationAuthority,
  names: readonly string[],
): Promise<DoorIdentity> {
  const [identity, trust] = [await authority.serverIdentity(names), await authority.trust()]
  return { ...identity, ...trust }
}
