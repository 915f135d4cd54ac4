import { requestOf, statusIn } from '../progress-words.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import type { ToldTo } from './told-to.ts'

const statusOf = statusIn({
  AcceptedCanceled: 'AcceptedCanceled',
  BadMessage: 'BadMessage',
  Idle: 'Idle',
  NotSupportedOperation: 'NotSupportedOperation',
  PermissionDenied: 'PermissionDenied',
  Uploaded: 'Uploaded',
  UploadFailure: 'UploadFailure',
  Uploading: 'Uploading',
})

/** Which log it is, only the request tells. @see OCPP 2.0.1 N01 */
export const logStatus =
  ({ submit }: ToldTo) =>
  ({ station, payload }: StationCall): Reply => {
    const { text: status, flag } = statusOf(payload.status)
    const request = requestOf(payload.requestId)
    const { durable } = submit({ type: 'log-status', station, log: null, status, request, flag })
    return { answer: {}, durable }
  }
