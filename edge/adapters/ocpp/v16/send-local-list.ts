import type { Requests } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { LocalListEntry } from '../../../domain/local-list.ts'
import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { idTagInfo } from './id-tag-info.ts'
import { type Request, request } from './request.ts'

type ListEntry = NonNullable<Requests['SendLocalList']['localAuthorizationList']>[number]

/** Longest token of OCPP 1.6: a station that cannot read a longer one needs no entry for it. */
const LONGEST = 20

/** An empty full list is sent without the member: some stations refuse an empty one. */
export function sendLocalList({ update, version, entries }: CommandOf<'send-local-list'>): Request {
  const list = entries.filter(({ idToken }) => idToken.length <= LONGEST).map(toEntry)
  return request(
    'SendLocalList',
    {
      listVersion: version,
      updateType: update,
      ...(list.length === 0 ? {} : { localAuthorizationList: list }),
    },
    statusAnswer('Accepted'),
  )
}

/** An entry without `idTagInfo` takes the token off the list. */
const toEntry = ({ idToken, status, group, expiresAt }: LocalListEntry): ListEntry => ({
  idTag: idToken,
  ...(status === null ? {} : { idTagInfo: idTagInfo({ status, group, expiresAt }) }),
})
