import type { IdToken } from '@busbar/model/ids.ts'
import type { FactTypes } from '../facts.ts'
import type { LocalListEntry } from '../local-list.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

type Sent = FactTypes['LocalListSent']

/** What a station's local list holds as far as we know. */
export interface LocalListRecord {
  /** The last version sent; the next is higher. */
  readonly version: number
  /** False: nobody can say what the station holds, so the next update is a full one. */
  readonly sure: boolean
  /** Accepted entries by token, each as `digestOf` writes it. */
  readonly entries: Readonly<Record<string, string>>
  /** Sent and not answered. */
  readonly pending: Pick<Sent, 'update' | 'entries'> | null
  readonly answer: FactTypes['LocalListAnswered']['answer'] | null
  readonly reason: string | null
}

const NONE: LocalListRecord = {
  version: 0,
  sure: false,
  entries: {},
  pending: null,
  answer: null,
  reason: null,
}

/** What matters of an entry, as one text. */
export const digestOf = ({ status, group, expiresAt }: Omit<LocalListEntry, 'idToken'>): string =>
  JSON.stringify([status, group, expiresAt])

/** Local lists by station. */
export const localLists: ProjectionDefinition<LocalListRecord> = {
  name: 'local-list',
  keys: ({ fact }) =>
    fact.type === 'LocalListSent' || fact.type === 'LocalListAnswered' ? [fact.data.station] : [],
  next: (row = NONE, { fact }) => {
    if (fact.type === 'LocalListSent') {
      const { version, update, entries } = fact.data
      return { ...row, version, pending: { update, entries }, answer: null, reason: null }
    }
    if (fact.type !== 'LocalListAnswered' || fact.data.version !== row.version) return row
    const { answer, reason } = fact.data
    const answered = { ...row, pending: null, answer, reason }
    if (answer === 'not-sent') return answered
    if (answer !== 'accepted' || row.pending === null) return { ...answered, sure: false }
    return { ...answered, sure: true, entries: applied(row, row.pending) }
  },
}

function applied(row: LocalListRecord, { update, entries }: Pick<Sent, 'update' | 'entries'>) {
  const held = new Map(update === 'Full' ? [] : Object.entries(row.entries))
  for (const { id_token: idToken, status, group, expires_at: expiresAt } of entries)
    if (status === null) held.delete(idToken)
    else held.set(idToken, digestOf({ status, group, expiresAt }))
  return Object.fromEntries(held)
}

/** What brings a station from what it holds to what is wanted: removals first. */
export function changesTo(
  row: LocalListRecord | undefined,
  wanted: readonly LocalListEntry[],
): { readonly update: 'Full' | 'Differential'; readonly entries: readonly LocalListEntry[] } {
  if (row === undefined || !row.sure) return { update: 'Full', entries: wanted }
  const held = new Map(Object.entries(row.entries))
  const gone = [...held.keys()].filter((token) => !wanted.some(({ idToken }) => idToken === token))
  const removed = gone.map((token) => ({
    idToken: token as IdToken,
    status: null,
    group: null,
    expiresAt: null,
  }))
  const changed = wanted.filter((entry) => held.get(entry.idToken) !== digestOf(entry))
  return { update: 'Differential', entries: [...removed, ...changed] }
}
