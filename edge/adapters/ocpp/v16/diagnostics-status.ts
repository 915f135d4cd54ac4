import { statusIn } from '../progress-words.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import type { V16Context } from './context.ts'

/** In the words of a log's upload in OCPP 2.0.1. */
const statusOf = statusIn({
  Idle: 'Idle',
  Uploaded: 'Uploaded',
  UploadFailed: 'UploadFailure',
  Uploading: 'Uploading',
})

export const diagnosticsStatusNotification =
  ({ submit }: V16Context) =>
  ({ station, payload }: StationCall): Reply => {
    const { text: status, flag } = statusOf(payload.status)
    const report = { station, log: 'DiagnosticsLog', status, request: null, flag } as const
    const { durable } = submit({ type: 'log-status', ...report })
    return { answer: {}, durable }
  }
