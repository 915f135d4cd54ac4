import { toStationTime } from '../station-time.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { attemptsOf } from './get-log.ts'
import { type Request, request } from './request.ts'

/** A signed image goes by the security extension; an unsigned one by the core message, which answers nothing. */
export function updateFirmware(command: CommandOf<'update-firmware'>): Request {
  const { from, retrieveAt, installAt, signed, request: requestId } = command
  if (signed === null) {
    if (installAt !== null) return { refused: 'OCPP 1.6 installs unsigned firmware as soon as it has it' }
    return request(
      'UpdateFirmware',
      { location: from.location, retrieveDate: toStationTime(retrieveAt), ...attemptsOf(from) },
      () => ({ status: 'accepted' }),
    )
  }
  return request(
    'SignedUpdateFirmware',
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
