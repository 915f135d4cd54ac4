import type { Dial, Quirk, Switches } from './quirk.ts'

/** Longer than anybody waits, and short enough for a timer. */
const FOR_GOOD_S = 14 * 24 * 3600

/** The groups handshake, framing and liveness: how a station comes by its connection, frames and keeps it. */
export const LINK_SWITCHES = {
  'handshake.assume-protocol': () => ({ dials: (dial) => ({ ...dial, protocols: [] }) }),
  'handshake.identity-from': (from) =>
    from === 'path' ? {} : { dials: (dial) => ({ ...dial, url: new URL('/', dial.url).href }) },
  'handshake.user-case': (how) =>
    how === 'exact' ? {} : withBasic((user, secret) => [user.toUpperCase(), secret]),
  'handshake.password-encoding': (how) =>
    how === 'raw' ? {} : withBasic((user, secret) => [user, Buffer.from(secret.toString('hex'))]),
  'handshake.allow-origin': (origin) => ({
    dials: (dial) => ({ ...dial, headers: { ...dial.headers, origin } }),
  }),

  'framing.numeric-ids': (on) => (on ? numericIds() : {}),
  'framing.strip': (what) => ({ frames: (text) => (what === 'bom' ? `\uFEFF${text}` : `${text}\0`) }),

  'liveness.proof': (proof) => (proof === 'any-frame' ? { pongs: false } : {}),
  'liveness.offline-grace-s': () => ({
    pongs: false,
    says: (said) => (said.action === 'Heartbeat' ? null : said),
  }),
  'liveness.manual-restart-after-s': () => ({ lost: ({ hangUp }) => hangUp(FOR_GOOD_S) }),
  'liveness.close': (how) =>
    how === 'frame' ? {} : { lost: ({ hangUp }, clean) => (clean ? hangUp(FOR_GOOD_S) : undefined) },
} as const satisfies Switches

/** The credentials it shows, told otherwise. */
const withBasic = (told: (user: string, secret: Buffer) => readonly [string, Buffer]): Quirk => ({
  dials(dial: Dial) {
    const pair = Buffer.from((dial.headers.authorization ?? '').replace('Basic ', ''), 'base64')
    const end = pair.indexOf(':')
    const [user, secret] = told(pair.subarray(0, end).toString(), pair.subarray(end + 1))
    const basic = Buffer.concat([Buffer.from(`${user}:`), secret]).toString('base64')
    return { ...dial, headers: { ...dial.headers, authorization: `Basic ${basic}` } }
  },
})

/** Counts its calls with numbers, and knows the answers by them. */
function numericIds(): Quirk {
  const own = new Map<string, string>()
  let count = 0
  return {
    frames: (text) =>
      text.replace(/^\[2,("[^"]*")/, (_head, id: string) => {
        own.set(String(++count), id)
        return `[2,${count}`
      }),
    reads: (text) =>
      text.replace(/^\[([34]),(\d+)/, (head, type: string, id: string) => {
        const known = own.get(id)
        own.delete(id)
        return known === undefined ? head : `[${type},${known}`
      }),
  }
}
