import type { Requests } from '@busbar/ocpp-schemas/ocpp2.0.1.ts'
import type { StationAnswer } from '../../../domain/commands.ts'
import type { LocalListEntry } from '../../../domain/local-list.ts'
import type { Payload } from '../rpc/frame.ts'
import { toStationTime } from '../station-time.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { numberOf } from '../tolerant.ts'
import { idTokenInfo, toToken } from './id-token-info.ts'
import { type Request, request, type Speech } from './request.ts'

type ListEntry = NonNullable<Requests['SendLocalList']['localAuthorizationList']>[number]

/** @see OCPP 2.0.1 C11 */
export const clearCache = (_command: CommandOf<'clear-cache'>, speech: Speech): Request =>
  request(speech, 'ClearCache', {}, statusAnswer('Accepted'))

/** @see OCPP 2.0.1 D02 */
export const getLocalListVersion = (_command: CommandOf<'get-local-list-version'>, speech: Speech): Request =>
  request(speech, 'GetLocalListVersion', {}, readVersion)

/** 0: there is no list. */
function readVersion(answer: Payload): StationAnswer {
  const listVersion = numberOf(answer.versionNumber)
  return listVersion === null || !Number.isSafeInteger(listVersion) || listVersion < 0
    ? { status: 'unanswered', reason: 'error', detail: 'the answer has no list version' }
    : { status: 'accepted', listVersion }
}

/** An empty full list is sent without the member, which must not be empty. @see OCPP 2.0.1 D01 */
export const sendLocalList = (
  { update, version, entries }: CommandOf<'send-local-list'>,
  speech: Speech,
): Request =>
  request(
    speech,
    'SendLocalList',
    {
      versionNumber: version,
      updateType: update,
      ...(entries.length === 0 ? {} : { localAuthorizationList: entries.map(toEntry) }),
    },
    statusAnswer('Accepted'),
  )

/** An entry without `idTokenInfo` takes the token off the list. */
const toEntry = ({ idToken, status, group, expiresAt }: LocalListEntry): ListEntry => ({
  idToken: toToken(idToken),
  ...(status === null
    ? {}
    : {
        idTokenInfo: idTokenInfo({
          status,
          ...(group === null ? {} : { group }),
          ...(expiresAt === null ? {} : { expiresAt }),
        }),
      }),
})

/** EVSE 0: whichever is free. Faulted, Occupied and Unavailable are refusals that tell why. @see OCPP 2.0.1 H01 */
export const reserveNow = (command: CommandOf<'reserve-now'>, speech: Speech): Request =>
  request(
    speech,
    'ReserveNow',
    {
      id: command.reservation,
      expiryDateTime: toStationTime(command.expiresAt),
      idToken: toToken(command.idToken),
      ...(command.evse === 0 ? {} : { evseId: command.evse }),
      ...(command.group === null ? {} : { groupIdToken: toToken(command.group) }),
    },
    statusAnswer('Accepted'),
  )

/** @see OCPP 2.0.1 H02 */
export const cancelReservation = (
  { reservation }: CommandOf<'cancel-reservation'>,
  speech: Speech,
): Request => request(speech, 'CancelReservation', { reservationId: reservation }, statusAnswer('Accepted'))
