import type { IncomingMessage } from 'node:http'
import type { StationId } from '@busbar/model/ids.ts'
import { checkCredentials } from './basic-credentials.ts'
import type { Refusal } from './front-door.ts'
import { identityFromPath } from './identity-path.ts'

/** A station the depot knows. */
export interface KnownStation {
  readonly id: StationId
  /** SHA-256 (hex) of the Basic secret; null = security profile 0, allowed only by explicit configuration. */
  readonly secretSha256: string | null
}

export type Admission =
  | { readonly station: StationId }
  | { readonly refusal: Refusal; readonly identity: string | null }

/** Checks who asks to connect. It touches no connection: nothing is done for anyone who has not proven himself. */
export function admit(request: IncomingMessage, stations: ReadonlyMap<string, KnownStation>): Admission {
  const identity = identityFromPath(request.url)
  if (identity === null) return { refusal: { status: 400, reason: 'odd path' }, identity }
  // Stations send no Origin; a browser always does.
  if (request.headers.origin !== undefined) return { refusal: { status: 403, reason: 'browser' }, identity }
  const station = stations.get(identity)
  if (station?.secretSha256 === null) return { station: station.id }
  const fault = checkCredentials(request.headers.authorization, identity, station?.secretSha256)
  if (fault !== null || !station)
    return { refusal: { status: 401, reason: fault ?? 'unknown-station' }, identity }
  return { station: station.id }
}
