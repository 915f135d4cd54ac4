import type { Clock } from '@busbar/model/clock.ts'
import type { TransactionId } from '@busbar/model/ids.ts'
import type { Submit } from '../../../domain/inputs.ts'
import type { ContractCertificates } from '../../../domain/ports/contract-certificates.ts'
import type { Logger } from '../logger.ts'
import type { ProfileDesk } from '../quirks/profile-desk.ts'

/** What the handlers of OCPP 2.0.1 need. */
export interface V201Context {
  readonly submit: Submit
  readonly desk: ProfileDesk
  readonly clock: Clock
  readonly log: Logger
  /** Null: nobody answers for contract certificates of vehicles. */
  readonly contracts: ContractCertificates | null
  /** The station's own name of a transaction; null for one that has none. */
  readonly nameOf: (transaction: TransactionId) => string | null
}
