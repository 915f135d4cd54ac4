import { requestOf, statusIn } from '../progress-words.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import type { V16Context } from './context.ts'

/** Of DiagnosticsStatusNotification, in the words of a log's upload in OCPP 2.0.1. */
const diagnosticsStatus = statusIn({
  Idle: 'Idle',
  Uploaded: 'Uploaded',
  UploadFailed: 'UploadFailure',
  Uploading: 'Uploading',
})
const logStatusOf = statusIn({
  AcceptedCanceled: 'AcceptedCanceled',
  BadMessage: 'BadMessage',
  Idle: 'Idle',
  NotSupportedOperation: 'NotSupportedOperation',
  PermissionDenied: 'PermissionDenied',
  Uploaded: 'Uploaded',
  UploadFailure: 'UploadFailure',
  Uploading: 'Uploading',
})

export const diagnosticsStatusNotification =
  ({ submit }: V16Context) =>
  ({ station, payload }: StationCall): Reply => {
    const { text: status, flag } = diagnosticsStatus(payload.status)
    const report = { station, log: 'DiagnosticsLog', status, request: null, flag } as const
    const { durable } = submit({ type: 'log-status', ...report })
    return { answer: {}, durable }
  }

/** Which log it is, only the request tells. */
export const logStatusNotification =
  ({ submit }: V16Context) =>
  ({ station, payload }: StationCall): Reply => {
    const { text: status, flag } = logStatusOf(payload.status)
    const request = requestOf(payload.requestId)
    const { durable } = submit({ type: 'log-status', station, log: null, status, request, flag })
    return { answer: {}, durable }
  }
