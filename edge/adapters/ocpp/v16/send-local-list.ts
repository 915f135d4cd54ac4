import type { Requests } from '@busbar/ocpp-schemas/ocpp1.6.ts'
import type { LocalListEntry } from '../../../domain/local-list.ts'
import { idTagInfo } from './id-tag-info.ts'
import { type CommandOf, type Request, request, statusAnswer } from './request.ts'

type ListEntry = NonNullable<Requests['SendLocalList']['localAuthorizationList']>[number]

/** An empty full list is sent without the member: some stations refuse an empty one. */
export const sendLocalList = ({ update, version, entries }: CommandOf<'send-local-list'>): Request =>
  request(
    'SendLocalList',
    {
      listVersion: version,
      updateType: update,
      ...(entries.length === 0 ? {} : { localAuthorizationList: entries.map(toEntry) }),
    },
    statusAnswer('Accepted'),
  )

/** An entry without `idTagInfo` takes the token off the list. */
const toEntry = ({ idToken, status, group, expiresAt }: LocalListEntry): ListEntry => ({
  idTag: idToken,
  ...(status === null ? {} : { idTagInfo: idTagInfo({ status, group, expiresAt }) }),
})
