import { join } from 'node:path'
import { as, type StationId } from '@busbar/model/ids.ts'
import type { DepotFiles } from '../adapters/files/station-files.ts'
import type { Csms, DoorIdentity } from '../adapters/ocpp/csms.ts'
import { type RunningAuthority, startStationAuthority } from '../adapters/pki/station-authority.ts'
import { securityProfileOf } from '../config/check-security.ts'
import { CertificateDesk, type SecureStation } from '../control/certificates/certificate-desk.ts'
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

/** Common names that a station's certificate may bear. */
export const namesOf = ({ id, serial }: { id: string; serial?: string | undefined }): readonly string[] =>
  serial === undefined ? [id] : [id, serial]

/** What keeps the certificates of stations valid; null without an authority. */
export async function startDesk({
  loaded,
  control,
  authority,
  csms,
  files,
}: Pick<Parts, 'loaded' | 'control'> & {
  files: DepotFiles | null
  authority: StationAuthority | null
  csms: Csms
}): Promise<CertificateDesk | null> {
  const { tls } = loaded.config.ocpp
  if (tls === undefined || authority === null) return null
  const stations = loaded.config.stations.flatMap((station): SecureStation[] => {
    const profile = securityProfileOf(station)
    if (profile < 2) return []
    return [{ id: as<StationId>(station.id), presents: profile === 3, names: namesOf(station) }]
  })
  const door = {
    refresh: async () => {
      const identity = await doorIdentity(authority, tls.names)
      csms.secure(identity)
      files?.secure(identity)
    },
    cut: (station: StationId, reason: string) => csms.cut(station, reason),
  }
  const desk = new CertificateDesk({ depot: control.depot, authority, stations, door })
  await desk.start()
  return desk
}
