import { z } from 'zod'
import type { CallAnswer } from '../inbound.ts'
import { Certificates } from './certificates.ts'
import type { FileMover } from './file-mover.ts'
import { LocalList } from './local-list.ts'
import { Maintenance, type Transfers } from './maintenance.ts'
import { type Occupation, Reservations } from './reservations.ts'
import { type Service, type ServiceDeps, status } from './service.ts'

export interface ServicesDeps extends ServiceDeps {
  occupation(): Occupation
  transfers(): Transfers
  readonly mover: FileMover
  /** Asks for a certificate with a request of its own making; null when the station has no key to sign one with. */
  requestCertificate: (() => void) | null
}

const Trigger = z.object({ requestedMessage: z.string(), connectorId: z.int().optional() })

/** What a station offers beside charging. */
export class Services {
  readonly localList: LocalList
  readonly reservations: Reservations
  readonly certificates: Certificates
  readonly #maintenance: Maintenance
  readonly #deps: ServicesDeps
  readonly #actions: Service

  constructor(deps: ServicesDeps) {
    this.#deps = deps
    this.localList = new LocalList(deps)
    this.reservations = new Reservations(deps, () => deps.occupation())
    this.certificates = new Certificates(deps)
    this.#maintenance = new Maintenance(deps, () => deps.transfers(), deps.mover)
    this.#actions = {
      ...this.localList.service,
      ...this.reservations.service,
      ...this.certificates.service,
      ...this.#maintenance.service,
    }
  }

  /** Null for what is no service: it is answered elsewhere. */
  answer(action: string, payload: unknown): CallAnswer | null {
    if (action === 'TriggerMessage' || action === 'ExtendedTriggerMessage') return this.#trigger(payload)
    return Object.hasOwn(this.#actions, action) ? (this.#actions[action]?.(payload) ?? null) : null
  }

  #trigger(payload: unknown): CallAnswer | null {
    const asked = Trigger.safeParse(payload)
    if (!asked.success) return null
    const { requestedMessage: message } = asked.data
    const { requestCertificate } = this.#deps
    if (message === 'SignChargePointCertificate')
      return requestCertificate === null ? status('Rejected') : status('Accepted', requestCertificate)
    const mine = /^(DiagnosticsStatus|LogStatus|FirmwareStatus)Notification$/.test(message)
    return mine ? status('Accepted', () => void this.#maintenance.trigger(message)) : null
  }
}
