import type { IdToken } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { AuthorizationStatus } from './facts.ts'

/** One token as a station's local authorization list holds it. `status` null: the token is taken off the list. */
export interface LocalListEntry {
  readonly idToken: IdToken
  readonly status: AuthorizationStatus | null
  readonly group: IdToken | null
  readonly expiresAt: Instant | null
}
