import type { Clock } from '@busbar/model/clock.ts'
import type { StationId, TransactionId } from '@busbar/model/ids.ts'
import type { Submit } from '../../domain/inputs.ts'
import type { ContractCertificates } from '../../domain/ports/contract-certificates.ts'
import type { StationProfiles } from '../../profiles/station-profiles.ts'
import type { Logger } from './logger.ts'
import type { LastHeard } from './quirks/profile-desk.ts'
import type { KnownStation } from './rpc/admission.ts'
import type { DoorIdentity } from './rpc/front-door.ts'
import type { TransportEvent } from './rpc/transport-event.ts'
import type { TransportLimits } from './rpc/transport-limits.ts'

export interface CsmsOptions {
  readonly listen: { readonly host: string; readonly port: number }
  /** A second listener, over TLS, for security profiles 2 and 3; null or absent: there is none. */
  readonly secure?: {
    readonly listen: { readonly host: string; readonly port: number }
    readonly identity: DoorIdentity
  } | null
  /** A map is read anew with every connection. */
  readonly stations: readonly KnownStation[] | ReadonlyMap<string, KnownStation>
  readonly clock: Clock
  readonly submit: Submit
  readonly profiles: StationProfiles
  /** What a station said of itself before this start; null when it is new. */
  readonly lastHeard?: (station: string) => LastHeard | null
  readonly log: Logger
  /** Of the depot; UTC when absent. */
  readonly timeZone?: string
  /** The station's own name of a transaction, for the versions in which it gives one; null when it has none. */
  readonly transactionName?: (transaction: TransactionId) => string | null
  /** The transaction that runs at an EVSE; null when none does, as without this. */
  readonly runningAt?: (station: StationId, evse: number) => TransactionId | null
  /** Who answers for contract certificates of vehicles; null or absent: nobody. */
  readonly contracts?: ContractCertificates | null
  /** Whether a station has been accepted at a boot before, on whatever connection; true if absent. */
  readonly hasBooted?: (station: StationId) => boolean
  /** How many of the clock's seconds a real second has; 1 if absent. */
  readonly scale?: number
  readonly limits?: Partial<TransportLimits>
  /** A station that never dials again by itself has been away for so many seconds; null: it is back. */
  readonly onAway?: (station: StationId, awayS: number | null) => void
  /** Hears of refused connections, duplicate identities and floods of unreadable messages. */
  readonly onEvent?: (event: TransportEvent) => void
}
