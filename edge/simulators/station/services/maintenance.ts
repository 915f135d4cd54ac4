import { z } from 'zod'
import { reply, type Service, type ServiceDeps, status, Time, when } from './service.ts'

/** Seconds that each step of an upload or update takes. */
const STEP_S = 5

const attempts = { retries: z.int().optional(), retryInterval: z.int().optional() }
const Firmware = z.object({
  location: z.string(),
  retrieveDateTime: Time,
  installDateTime: Time.optional(),
  signingCertificate: z.string(),
  signature: z.string(),
})

/** How transfers go wrong. */
export interface Transfers {
  readonly uploads: 'sound' | 'fail'
  readonly firmware: 'sound' | 'download-fails' | 'install-fails' | 'bad-signature'
}

/** Logs and firmware: every step is told, nothing is really moved. @see OCPP 1.6 sections 4.4, 4.5, 5.8, 5.18 */
export class Maintenance {
  readonly #deps: ServiceDeps
  readonly #how: () => Transfers
  #upload = 'Idle'
  #log: { status: string; requestId?: number } = { status: 'Idle' }
  #firmware: { action: string; status: string; requestId?: number } = {
    action: 'FirmwareStatusNotification',
    status: 'Idle',
  }

  constructor(deps: ServiceDeps, how: () => Transfers) {
    this.#deps = deps
    this.#how = how
  }

  readonly service: Service = {
    GetDiagnostics: when(
      z.object({ location: z.string(), startTime: Time.optional(), stopTime: Time.optional(), ...attempts }),
      () => reply({ fileName: 'diagnostics.log' }, () => this.#uploadDiagnostics()),
    ),
    GetLog: when(
      z.object({
        logType: z.enum(['DiagnosticsLog', 'SecurityLog']),
        requestId: z.int(),
        log: z.object({ remoteLocation: z.string() }),
        ...attempts,
      }),
      ({ logType, requestId }) => {
        const word = this.#log.status === 'Uploading' ? 'AcceptedCanceled' : 'Accepted'
        return reply({ status: word, filename: `${logType}.log` }, () => this.#uploadLog(requestId))
      },
    ),
    UpdateFirmware: when(z.object({ location: z.string(), retrieveDate: Time, ...attempts }), () =>
      reply({}, () => this.#update('FirmwareStatusNotification', undefined)),
    ),
    SignedUpdateFirmware: when(
      z.object({ requestId: z.int(), firmware: Firmware, ...attempts }),
      ({ requestId, firmware }) => {
        if (!firmware.signingCertificate.includes('BEGIN CERTIFICATE')) return status('InvalidCertificate')
        const busy = this.#firmware.status.endsWith('ing')
        return status(busy ? 'AcceptedCanceled' : 'Accepted', () =>
          this.#update('SignedFirmwareStatusNotification', requestId),
        )
      },
    ),
  }

  /** Tells how it stands; false for what this is not about. */
  trigger(message: string): boolean {
    if (message === 'DiagnosticsStatusNotification') this.#deps.tell(message, { status: this.#upload })
    else if (message === 'LogStatusNotification') this.#deps.tell(message, this.#log)
    else if (message === 'FirmwareStatusNotification') {
      const { action, ...report } = this.#firmware
      this.#deps.tell(action, report)
    } else return false
    return true
  }

  #uploadDiagnostics(): void {
    const end = this.#how().uploads === 'sound' ? 'Uploaded' : 'UploadFailed'
    this.#steps(['Uploading', end], (word) => {
      this.#upload = word === 'Uploading' ? word : 'Idle'
      this.#deps.tell('DiagnosticsStatusNotification', { status: word })
    })
  }

  #uploadLog(requestId: number): void {
    const end = this.#how().uploads === 'sound' ? 'Uploaded' : 'UploadFailure'
    this.#steps(['Uploading', end], (word) => {
      this.#log = word === 'Uploading' ? { status: word, requestId } : { status: 'Idle' }
      this.#deps.tell('LogStatusNotification', { status: word, requestId })
    })
  }

  #update(action: string, requestId: number | undefined): void {
    const report = requestId === undefined ? {} : { requestId }
    this.#steps(stepsOf(this.#how().firmware, requestId !== undefined), (word) => {
      this.#firmware = { action, status: word, ...report }
      this.#deps.record('firmware', { status: word })
      this.#deps.tell(action, { status: word, ...report })
    })
  }

  #steps(words: readonly string[], each: (word: string) => void): void {
    const [first, ...rest] = words
    if (first === undefined) return
    each(first)
    this.#deps.later(STEP_S, () => this.#steps(rest, each))
  }
}

function stepsOf(how: Transfers['firmware'], signed: boolean): readonly string[] {
  if (how === 'download-fails') return ['Downloading', 'DownloadFailed']
  const checked = signed ? [how === 'bad-signature' ? 'InvalidSignature' : 'SignatureVerified'] : []
  const before = ['Downloading', 'Downloaded', ...checked]
  if (how === 'bad-signature' && signed) return before
  return [...before, 'Installing', how === 'install-fails' ? 'InstallationFailed' : 'Installed']
}
