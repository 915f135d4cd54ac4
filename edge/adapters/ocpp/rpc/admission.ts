import type { IncomingMessage } from 'node:http'
import type { StationId } from '@busbar/model/ids.ts'
import { type CredentialFault, checkCredentials } from './basic-credentials.ts'
import type { Refusal } from './front-door.ts'
import type { CertificateFault, Peer } from './peer.ts'
import type { RegistrationStatus } from './registration.ts'
import { type Guests, whoAsks } from './who-asks.ts'

/**
 * How a station proves itself: 0 not at all, 1 Basic, 2 Basic over TLS, 3 a client certificate.
 * @see OCPP 2.0.1 part 2, A. Security, 1.3
 */
export type SecurityProfile = 0 | 1 | 2 | 3

/** A station the depot knows. */
export interface KnownStation {
  readonly id: StationId
  /** SHA-256 (hex) of the Basic secret; null where none is needed: security profiles 0 and 3. */
  readonly secretSha256: string | null
  /** Of secrets that it was sent and has not come with yet. */
  readonly offeredSha256?: readonly string[]
  /** By the secret when absent: 1 with one, 0 without. */
  readonly securityProfile?: SecurityProfile
  /** A lower profile that is accepted too while the station moves up. */
  readonly upgradingFrom?: SecurityProfile | null
  /** What it is told at its boot; accepted when absent. */
  readonly registration?: RegistrationStatus
  /** Common names its certificate may bear; its identity when absent. */
  readonly certificateNames?: readonly string[]
  /** The station profile that it is given, whatever it says of itself. */
  readonly profile?: string | null
}

/** Stations by the name that they come under; a map is taken as it is, and as it becomes. */
export const byName = (
  stations: readonly KnownStation[] | ReadonlyMap<string, KnownStation>,
): ReadonlyMap<string, KnownStation> =>
  'map' in stations ? new Map(stations.map((station) => [station.id, station])) : stations

/** Why somebody is not let in; outside they all look the same. */
export type AdmissionFault =
  | CredentialFault
  | CertificateFault
  | 'certificate-of-another-station'
  | 'security-profile'

export type Admission =
  /** `secret`: the hash of what it came with; null without one. */
  | { readonly station: StationId; readonly secret: string | null }
  | { readonly refusal: Refusal; readonly identity: string | null }

/** Checks who asks to connect. It touches no connection: nothing is done for anyone who has not proven himself. */
export function admit(
  request: IncomingMessage,
  {
    stations,
    quirksOf,
    peer,
  }: Pick<Guests, 'quirksOf'> & { readonly stations: ReadonlyMap<string, KnownStation>; readonly peer: Peer },
): Admission {
  const identity = whoAsks(request, { stations, quirksOf })
  if (identity === null) return { refusal: { status: 400, reason: 'odd path' }, identity }
  const station = stations.get(identity)
  const quirks = station === undefined ? {} : quirksOf(identity)
  const { origin, authorization } = request.headers
  // Stations send no Origin; a browser always does.
  if (origin !== undefined && origin !== quirks['handshake.allow-origin'])
    return { refusal: { status: 403, reason: 'browser' }, identity }
  // Every path checks credentials once, so that all take the same time.
  const { fault: wrong, secret } = checkCredentials(authorization, identity, {
    secretSha256: station?.secretSha256 ?? undefined,
    ...(station?.offeredSha256 && { others: station.offeredSha256 }),
    manners: {
      anyCase: quirks['handshake.user-case'] === 'ignore',
      hexText: quirks['handshake.password-encoding'] === 'hex-text',
    },
  })
  const fault = station === undefined ? (wrong ?? 'unknown-station') : faultOf(station, { peer, wrong })
  if (fault !== null || !station)
    return { refusal: { status: 401, reason: fault ?? 'unknown-station' }, identity }
  return { station: station.id, secret }
}

/** The best proof that the peer could bring for this station decides which profile it uses. */
function faultOf(
  station: KnownStation,
  { peer, wrong }: { peer: Peer; wrong: CredentialFault | null },
): AdmissionFault | null {
  const wanted = station.securityProfile ?? (station.secretSha256 === null ? 0 : 1)
  const accepted = [wanted, station.upgradingFrom ?? wanted]
  const over = peer.kind === 'tls'
  const fitting = accepted.filter((profile) => over === profile >= 2)
  if (fitting.length === 0) return 'security-profile'
  const faults = fitting.map((profile) => {
    if (profile === 0) return null
    return profile === 3 ? certificateFault(station, peer) : wrong
  })
  return faults.includes(null) ? null : (faults[0] ?? 'security-profile')
}

function certificateFault(station: KnownStation, peer: Peer): AdmissionFault | null {
  if (peer.kind === 'plain') return 'security-profile'
  if (peer.fault !== null) return peer.fault
  const names = station.certificateNames ?? [station.id]
  return names.includes(peer.commonName) ? null : 'certificate-of-another-station'
}
