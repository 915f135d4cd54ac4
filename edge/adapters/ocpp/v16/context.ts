import type { Clock } from '@busbar/model/clock.ts'
import type { Submit } from '../../../domain/inputs.ts'
import type { ContractCertificates } from '../../../domain/ports/contract-certificates.ts'
import type { Logger } from '../logger.ts'
import type { ProfileDesk } from '../quirks/profile-desk.ts'

/** What the handlers of OCPP 1.6 need. */
export interface V16Context {
  readonly submit: Submit
  readonly desk: ProfileDesk
  readonly clock: Clock
  readonly log: Logger
  /** Null: nobody answers for contract certificates of vehicles. */
  readonly contracts: ContractCertificates | null
}
