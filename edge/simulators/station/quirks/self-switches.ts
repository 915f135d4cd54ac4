import { status } from '../inbound.ts'
import type { Payload } from '../uplink.ts'
import type { Quirk, Said, Switches } from './quirk.ts'

/** The groups clock, id-token, validate and tls: what a station makes of times, names, texts and roots. */
export const SELF_SWITCHES = {
  // A virtual depot stands in UTC unless its quirk says otherwise.
  'clock.zone': (zone) => stamped((at) => localTime(at, zone === 'site' ? 'UTC' : zone)),
  'clock.distrust-after-boot-s': wrongAtFirst,

  'id-token.strip-suffix': (mark) =>
    withTag((tag, { action }) => (action === 'StopTransaction' ? tag : `${tag}${mark}0815`)),
  'id-token.max-length': (most) =>
    withTag((tag, { action }) => (action === 'StopTransaction' && tag.length > most ? `${tag}?` : tag)),
  'id-token.from-key': (key) => takesOwnToken(key),

  'validate.max-length': (lengths) => ({
    says: (said) => ({ ...said, payload: lengthened(said.payload, lengths) }),
  }),

  'tls.pinned-root': (on) => (on ? refusesRoots() : {}),
  'tls.needs-ca-upload': (on) => (on ? refusesRoots() : {}),
} as const satisfies Switches

/** Every stamp in what it says told otherwise. */
const stamped = (told: (at: Date) => string): Quirk => ({
  says: (said) => ({ ...said, payload: restamped(said.payload, told) as Payload }),
})

function restamped(value: unknown, told: (at: Date) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => restamped(each, told))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'timestamp' ? told(new Date(String(member))) : restamped(member, told),
    ]),
  )
}

/** Local time, and nothing that says where. */
const localTime = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    .format(at)
    .replace(' ', 'T')

/** For so long after it was accepted it says local time with a Z. */
function wrongAtFirst(forS: number): Quirk {
  let rightFrom = Number.POSITIVE_INFINITY
  return {
    online: ({ now }) => {
      rightFrom = now() + forS * 1000
    },
    says: (said, { now }) =>
      now() >= rightFrom
        ? said
        : (stamped((at) => new Date(at.getTime() - 2 * 3_600_000).toISOString()).says?.(said, NOBODY) ??
          said),
  }
}
// Stamps depend on nothing of the station.
const NOBODY = null as never

const withTag = (told: (tag: string, said: Said) => string): Quirk => ({
  says: (said) =>
    typeof said.payload.idTag === 'string'
      ? { ...said, payload: { ...said.payload, idTag: told(said.payload.idTag, said) } }
      : said,
})

const OWN_TOKEN = 'STATION-OWN'

/** It starts for a token of its own alone, which stands in a key, and tells that one whoever is charging. */
const takesOwnToken = (own: string): Quirk => ({
  answers(asked, usual) {
    const { action, payload } = asked
    if (action === 'RemoteStartTransaction' && payload.idTag !== OWN_TOKEN) return status('Rejected')
    if (action !== 'GetConfiguration' || !Array.isArray(payload.key) || !payload.key.includes(own))
      return usual(asked)
    return { payload: { configurationKey: [{ key: own, readonly: true, value: OWN_TOKEN }] } }
  },
})

const lengthened = (payload: Payload, lengths: Readonly<Record<string, number>>): Payload =>
  Object.fromEntries(
    Object.entries(payload).map(([name, value]) => {
      const length = lengths[name]
      return [name, length === undefined || typeof value !== 'string' ? value : value.padEnd(length, 'x')]
    }),
  )

const refusesRoots = (): Quirk => ({
  answers: (asked, usual) => (asked.action === 'InstallCertificate' ? status('Rejected') : usual(asked)),
})
