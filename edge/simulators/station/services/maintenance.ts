import { constants, verify, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { FileMover } from './file-mover.ts'
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

/** Logs and firmware: files are really moved, over HTTP, and every step is told. @see OCPP 1.6 sections 4.4, 4.5, 5.8, 5.18 */
export class Maintenance {
  readonly #deps: ServiceDeps
  readonly #how: () => Transfers
  readonly #mover: FileMover
  #upload = 'Idle'
  #log: { status: string; requestId?: number } = { status: 'Idle' }
  #firmware: { action: string; status: string; requestId?: number } = {
    action: 'FirmwareStatusNotification',
    status: 'Idle',
  }

  constructor(deps: ServiceDeps, how: () => Transfers, mover: FileMover) {
    this.#deps = deps
    this.#how = how
    this.#mover = mover
  }

  readonly service: Service = {
    GetDiagnostics: when(
      z.object({ location: z.string(), startTime: Time.optional(), stopTime: Time.optional(), ...attempts }),
      ({ location }) => reply({ fileName: 'diagnostics.log' }, () => this.#uploadDiagnostics(location)),
    ),
    GetLog: when(
      z.object({
        logType: z.enum(['DiagnosticsLog', 'SecurityLog']),
        requestId: z.int(),
        log: z.object({ remoteLocation: z.string() }),
        ...attempts,
      }),
      ({ logType, requestId, log }) => {
        const word = this.#log.status === 'Uploading' ? 'AcceptedCanceled' : 'Accepted'
        return reply({ status: word, filename: `${logType}.log` }, () =>
          this.#uploadLog(log.remoteLocation, logType, requestId),
        )
      },
    ),
    UpdateFirmware: when(
      z.object({ location: z.string(), retrieveDate: Time, ...attempts }),
      ({ location }) =>
        reply({}, () => void this.#update({ action: 'FirmwareStatusNotification', location })),
    ),
    SignedUpdateFirmware: when(
      z.object({ requestId: z.int(), firmware: Firmware, ...attempts }),
      ({ requestId, firmware }) => {
        if (!firmware.signingCertificate.includes('BEGIN CERTIFICATE')) return status('InvalidCertificate')
        const busy = this.#firmware.status.endsWith('ing')
        const { location } = firmware
        const update = { action: 'SignedFirmwareStatusNotification', location, requestId, signed: firmware }
        return status(busy ? 'AcceptedCanceled' : 'Accepted', () => void this.#update(update))
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

  #uploadDiagnostics(location: string): void {
    const tell = (status: string) => {
      this.#upload = status === 'Uploading' ? status : 'Idle'
      this.#deps.tell('DiagnosticsStatusNotification', { status })
    }
    this.#leave({ location, log: 'DiagnosticsLog', failed: 'UploadFailed' }, tell)
  }

  #uploadLog(location: string, log: string, requestId: number): void {
    const tell = (status: string) => {
      this.#log = status === 'Uploading' ? { status, requestId } : { status: 'Idle' }
      this.#deps.tell('LogStatusNotification', { status, requestId })
    }
    this.#leave({ location, log, failed: 'UploadFailure' }, tell)
  }

  #leave(
    { location, log, failed }: { location: string; log: string; failed: string },
    tell: (status: string) => void,
  ): void {
    tell('Uploading')
    const leave = async () => {
      const sound = this.#how().uploads === 'sound'
      const text = `${log} of a virtual station at ${new Date(this.#deps.now()).toISOString()}\n`
      const left = sound && (await this.#mover.upload(location, { name: `${log}.log`, text }))
      tell(left ? 'Uploaded' : failed)
    }
    this.#deps.later(STEP_S, () => void leave())
  }

  async #update(update: Update): Promise<void> {
    const { action, requestId } = update
    const report = requestId === undefined ? {} : { requestId }
    const tell = (status: string) => {
      this.#firmware = { action, status, ...report }
      this.#deps.record('firmware', { status })
      this.#deps.tell(action, { status, ...report })
    }
    tell('Downloading')
    await this.#step()
    const image =
      this.#how().firmware === 'download-fails' ? null : await this.#mover.download(update.location)
    if (image === null) return tell('DownloadFailed')
    tell('Downloaded')
    await this.#step()
    if (update.signed !== undefined) {
      const sound = this.#how().firmware !== 'bad-signature' && isSignedBy(image, update.signed)
      tell(sound ? 'SignatureVerified' : 'InvalidSignature')
      if (!sound) return
      await this.#step()
    }
    tell('Installing')
    await this.#step()
    tell(this.#how().firmware === 'install-fails' ? 'InstallationFailed' : 'Installed')
  }

  #step(): Promise<void> {
    return new Promise((resolve) => this.#deps.later(STEP_S, resolve))
  }
}

interface Update {
  readonly action: string
  readonly location: string
  readonly requestId?: number
  readonly signed?: { readonly signingCertificate: string; readonly signature: string }
}

/** The station's own check; it trusts whoever signed. @see OCPP 2.0.1 L01 */
function isSignedBy(
  image: Uint8Array,
  { signingCertificate, signature }: NonNullable<Update['signed']>,
): boolean {
  try {
    const key = new X509Certificate(signingCertificate).publicKey
    const padding = key.asymmetricKeyType === 'rsa' ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {}
    return verify('sha256', image, { key, ...padding }, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
