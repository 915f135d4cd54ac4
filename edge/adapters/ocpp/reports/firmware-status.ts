import { requestOf, statusIn } from '../progress-words.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import type { ToldTo } from './told-to.ts'

const asTheyAre = (...names: string[]) => Object.fromEntries(names.map((name) => [name, name]))

const statusOf = statusIn(
  asTheyAre(
    'Downloaded',
    'DownloadFailed',
    'Downloading',
    'DownloadScheduled',
    'DownloadPaused',
    'Idle',
    'InstallationFailed',
    'Installing',
    'Installed',
    'InstallRebooting',
    'InstallScheduled',
    'InstallVerificationFailed',
    'InvalidSignature',
    'SignatureVerified',
  ),
)

/**
 * FirmwareStatusNotification and, of OCPP 1.6 with a request number, SignedFirmwareStatusNotification.
 * @see OCPP 2.0.1 L01, L02
 */
export const firmwareStatus =
  ({ submit }: ToldTo) =>
  ({ station, payload }: StationCall): Reply => {
    const { text: status, flag } = statusOf(payload.status)
    const request = requestOf(payload.requestId)
    const { durable } = submit({ type: 'firmware-status', station, status, request, flag })
    return { answer: {}, durable }
  }
