import { requestOf, statusIn } from '../progress-words.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import type { V16Context } from './context.ts'

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

/** FirmwareStatusNotification and, with a request number, SignedFirmwareStatusNotification. */
export const firmwareStatus =
  ({ submit }: V16Context) =>
  ({ station, payload }: StationCall): Reply => {
    const { text: status, flag } = statusOf(payload.status)
    const request = requestOf(payload.requestId)
    const { durable } = submit({ type: 'firmware-status', station, status, request, flag })
    return { answer: {}, durable }
  }
