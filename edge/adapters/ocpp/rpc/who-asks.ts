import type { IncomingMessage } from 'node:http'
import type { QuirkValues } from '../../../profiles/quirk-values.ts'
import { userOf } from './basic-credentials.ts'
import { identityFromPath } from './identity-path.ts'

/** The stations of the depot, and how each wants to be met. */
export interface Guests {
  readonly stations: ReadonlyMap<string, unknown>
  /** The quirks of a known station. */
  readonly quirksOf: (station: string) => QuirkValues
}

/**
 * The identity of whoever asks to connect: by the path, or by the user of the credentials with a station that names
 * itself there alone. Nothing is proven yet. Null when nobody is named.
 */
export function whoAsks({ url, headers }: IncomingMessage, { stations, quirksOf }: Guests): string | null {
  const named = identityFromPath(url)
  if (named !== null && stations.has(named)) return named
  const user = userOf(headers.authorization)
  const byUser =
    user !== null && stations.has(user) && quirksOf(user)['handshake.identity-from'] === 'basic-user'
  return byUser ? user : named
}
