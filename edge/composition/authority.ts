import { join } from 'node:path'
import type { StationId } from '@busbar/model/ids.ts'
import type { DepotFiles } from '../adapters/files/station-files.ts'
import type { Csms, DoorIdentity } from '../adapters/ocpp/csms.ts'
import { type RunningAuthority, startStationAuthority } from '../adapters/pki/station-authority.ts'
import { CertificateDesk, type SecureStation } from '../control/certificates/certificate-desk.ts'
import type { StationAuthority } from '../domain/ports/station-authority.ts'
import type { Parts } from './parts.ts'
import type { Roster } from './roster.ts'

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
  roster,
}: Pick<Parts, 'loaded' | 'control'> & {
  files: DepotFiles | null
  roster: Roster
  authority: StationAuthority | null
  csms: Csms
}): Promise<CertificateDesk | null> {
  const { tls } = loaded.config.ocpp
  if (tls === undefined || authority === null) return null
  const stations: SecureStation[] = []
  const follow = (id: StationId) => {
    const at = stations.findIndex((each) => each.id === id)
    if (at >= 0) stations.splice(at, 1)
    const { securityProfile = 0, certificateNames: names = [id] } = roster.stations.get(id) ?? {}
    if (securityProfile >= 2) stations.push({ id, presents: securityProfile === 3, names })
  }
  for (const { id } of roster.stations.values()) follow(id)
  roster.follow(follow)
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
