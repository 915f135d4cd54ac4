import type { Clock } from '@busbar/model/clock.ts'
import { between, type Monotonic, minutes } from '@busbar/units/time.ts'
import type { WireError } from './library-peer.ts'

/** What a station is told at its boot. @see OCPP 2.0.1 RegistrationStatusEnumType */
export type RegistrationStatus = 'Accepted' | 'Pending' | 'Rejected'

/** A station that never boots is heard after so long all the same: better its word than none. */
const PATIENCE = minutes(1)
/** Messages that only answer what a pending station was asked. */
const REPORTS: ReadonlySet<string> = new Set([
  'NotifyReport',
  'NotifyMonitoringReport',
  'NotifyCustomerInformation',
  'LogStatusNotification',
  'FirmwareStatusNotification',
])
const REFUSAL: WireError = { code: 'SecurityError', text: 'The station is not accepted yet' }

/**
 * Whom a connection is heard as. Reports of transactions are heard from every station that is let in at all; only a
 * pending or rejected one, which may have none, is refused them. @see OCPP 2.0.1 B01 to B03
 */
export class Registration {
  readonly status: RegistrationStatus
  readonly #clock: Clock
  readonly #since: Monotonic
  readonly #asked = new Set<string>()
  #booted: boolean

  /** `booted`: it has been accepted on an earlier connection; it need not boot again to be heard. */
  constructor(of: { readonly status: RegistrationStatus; readonly booted: boolean; readonly clock: Clock }) {
    this.status = of.status
    this.#clock = of.clock
    this.#booted = of.booted
    this.#since = of.clock.monotonic()
  }

  /** We have asked the station for this message. */
  asked(message: string): void {
    this.#asked.add(message)
  }

  /** Why this message is not heard now; null when it is. */
  refusalOf(action: string, receipt: boolean): WireError | null {
    if (action === 'BootNotification') {
      this.#booted = true
      return null
    }
    if (this.status === 'Pending') return REPORTS.has(action) || this.#asked.delete(action) ? null : REFUSAL
    if (this.status === 'Rejected') return REFUSAL
    const patient = between(this.#since, this.#clock.monotonic()) < PATIENCE
    return this.#booted || receipt || !patient ? null : REFUSAL
  }

  /** The answer to a boot, in which a station that is not accepted yet is told so. */
  told(action: string, answer: object): object {
    return action === 'BootNotification' && this.status !== 'Accepted'
      ? { ...answer, status: this.status }
      : answer
  }
}
