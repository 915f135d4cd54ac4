import type { Transfer } from '../../../domain/commands.ts'
import { toStationTime } from '../station-time.ts'
import { type CommandOf, detailedAnswer, statusAnswer } from '../status-answer.ts'
import { textOf } from '../tolerant.ts'
import { type Request, request, type Speech } from './request.ts'

/** `AcceptedCanceled`: an upload that was under way has been given up for this one. @see OCPP 2.0.1 N01 */
export const getLog = (command: CommandOf<'get-log'>, speech: Speech): Request => {
  const { log, request: requestId, to, oldest, latest } = command
  return request(
    speech,
    'GetLog',
    {
      logType: log,
      requestId,
      ...attemptsOf(to),
      log: {
        remoteLocation: to.location,
        ...(oldest === null ? {} : { oldestTimestamp: toStationTime(oldest) }),
        ...(latest === null ? {} : { latestTimestamp: toStationTime(latest) }),
      },
    },
    detailedAnswer(['Accepted', 'AcceptedCanceled'], (answer) => {
      const file = textOf(answer.filename)
      return file === null ? {} : { file }
    }),
  )
}

/** Only signed images: the standard allows others, a depot should not. @see OCPP 2.0.1 L01 */
export function updateFirmware(command: CommandOf<'update-firmware'>, speech: Speech): Request {
  const { from, retrieveAt, installAt, signed, request: requestId } = command
  if (signed === null) return { refused: 'OCPP 2.0.1 takes signed firmware only' }
  return request(
    speech,
    'UpdateFirmware',
    {
      requestId,
      ...attemptsOf(from),
      firmware: {
        location: from.location,
        retrieveDateTime: toStationTime(retrieveAt),
        ...(installAt === null ? {} : { installDateTime: toStationTime(installAt) }),
        signingCertificate: signed.certificate,
        signature: signed.signature,
      },
    },
    statusAnswer('Accepted', 'AcceptedCanceled'),
  )
}

const attemptsOf = ({ retries, retryIntervalS }: Transfer) => ({
  ...(retries === null ? {} : { retries }),
  ...(retryIntervalS === null ? {} : { retryInterval: retryIntervalS }),
})
