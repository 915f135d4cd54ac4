import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DepotDouble, startDepot, station } from './testing/depot-double.ts'
import { keptMemory } from './testing/kept-memory.ts'
import { connect } from './testing/raw-station.ts'
import { connectTcp, exchange, upgradeRequest } from './testing/raw-tcp.ts'

/** What reaches the door over real sockets, row by row of the list of attacks. */
const SECRET = 'right-secret-0123456'
const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex')
const basic = (user: string, secret: string) => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
const proven = (id = 'CP1') => ({ headers: { authorization: basic(id, SECRET) } })

let clock: FakeClock
let depot: DepotDouble
beforeEach(async () => {
  clock = new FakeClock()
  const stations = ['CP1', 'CP2'].map((id) => station(id, hashOf(SECRET)))
  depot = await startDepot({ clock, stations, limits: { openHandshakes: 200 } })
})
afterEach(() => depot.csms.stop())

const ask = (path: string, headers: Record<string, string> = {}) =>
  exchange(depot.url, upgradeRequest(path, headers))
const guess = (id: string, secret = 'wrong-secret-0123456') =>
  ask(`/${id}`, { Authorization: basic(id, secret) })
const refused = () => depot.events.flatMap((event) => (event.kind === 'refused' ? [event] : []))
const kinds = () => depot.events.map(({ kind }) => kind)
const stillServes = async (id = 'CP2') => {
  const good = await connect(`${depot.url}/${id}`, proven(id))
  expect((await good.call('Heartbeat', {}))[0]).toBe(3)
  await good.close()
}

test('S01 without an Authorization header it ends with 401 before the upgrade, is counted, and is no connection', async () => {
  const answers = [await ask('/CP1'), await ask('/CP1')]
  for (const answer of answers) {
    expect(answer).toMatch(/^HTTP\/1.1 401 /)
    expect(answer).not.toMatch(/101|Upgrade/)
  }
  expect(refused()).toMatchObject([{ reason: 'no-credentials', identity: 'CP1', count: 1 }])
  clock.advance(minutes(1))
  expect(refused()[1]).toMatchObject({ reason: 'no-credentials', count: 1 })
  expect(depot.inputs).toEqual([])
})

describe('S02 a wrong secret', () => {
  test('S02 ends with 401 and an event, and the right one is let in', async () => {
    expect(await guess('CP1')).toMatch(/^HTTP\/1.1 401 /)
    expect(refused()).toMatchObject([{ reason: 'wrong-secret', identity: 'CP1' }])
    await stillServes('CP1')
  })

  test('S02 tried again and again bars that address from that station for a while, even with the right one', async () => {
    for (let tried = 0; tried < 10; tried++) await guess('CP1')
    expect(kinds().filter((kind) => kind === 'guessing')).toHaveLength(1)
    expect(await guess('CP1', SECRET)).toMatch(/^HTTP\/1.1 401 /)
    await stillServes('CP2')
    clock.advance(seconds(2))
    await stillServes('CP1')
  })
})

test('S03 five ways to be wrong get one and the same 401 outside, and five reasons inside', async () => {
  const variants: readonly [string, string, Record<string, string>][] = [
    ['no-credentials', '/CP1', {}],
    ['malformed-credentials', '/CP1', { Authorization: 'Basic ???' }],
    ['user-mismatch', '/CP1', { Authorization: basic('CP2', SECRET) }],
    ['unknown-station', '/CP9', { Authorization: basic('CP9', SECRET) }],
    ['wrong-secret', '/CP1', { Authorization: basic('CP1', 'x') }],
  ]
  const answers = []
  for (const [, path, headers] of variants) answers.push(await ask(path, headers))
  expect(new Set(answers).size).toBe(1)
  expect(answers[0]).toMatch(/^HTTP\/1.1 401 /)
  expect(refused().map(({ reason }) => reason)).toEqual(variants.map(([reason]) => reason))
})

test('S04 a name that no station has is answered like a known one with a wrong secret, from first to last try', async () => {
  for (let tried = 0; tried < 15; tried++) expect(await guess('CP9')).toBe(await guess('CP1'))
})

describe('S05 a thousand names tried', () => {
  test('S05 are answered sixty times a minute and cut after that, told once, with memory flat', async () => {
    const answers = []
    for (let tried = 0; tried < 200; tried++) answers.push(await guess(`STATION-${tried}`))
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 401 '))).toHaveLength(60)
    expect(answers.slice(60).every((answer) => answer === '')).toBe(true)
    const before = keptMemory()
    for (let tried = 200; tried < 1000; tried++) await guess(`STATION-${tried}`)
    expect(keptMemory() - before).toBeLessThan(10 * 1024 * 1024)
    expect(kinds()).toEqual(['refused', 'enumeration'])
    await stillServes()
  })

  test('S05 a known name is cut off just the same, and the search that goes on is still the one', async () => {
    for (let tried = 0; tried < 60; tried++) await guess(`STATION-${tried}`)
    expect(await guess('CP1')).toBe('')
    expect(await guess('STATION-60')).toBe('')
    clock.advance(minutes(1))
    for (let tried = 0; tried < 61; tried++) await guess(`NEXT-${tried}`)
    expect(kinds().filter((kind) => kind === 'enumeration')).toHaveLength(1)
  })
})

test('S06 a second connection with the right secret is refused while the first lives, which loses nothing', async () => {
  const first = await connect(`${depot.url}/CP1`, proven())
  const second = await ask('/CP1', { Authorization: basic('CP1', SECRET) })
  expect(second).toMatch(/^HTTP\/1.1 409 /)
  expect(depot.events[0]).toMatchObject({ kind: 'identity.duplicate', station: 'CP1' })
  expect((await first.call('Heartbeat', {}))[0]).toBe(3)
  expect(depot.of('station-connected')).toHaveLength(1)
  expect(depot.of('station-disconnected')).toEqual([])
})

test('S06 who has not proven himself does not even have the first one asked', async () => {
  const first = await connect(`${depot.url}/CP1`, proven())
  let pings = 0
  first.socket.on('ping', () => {
    pings += 1
  })
  expect(await guess('CP1')).toMatch(/^HTTP\/1.1 401 /)
  expect((await first.call('Heartbeat', {}))[0]).toBe(3)
  expect(pings).toBe(0)
})

test('S07 a second connection takes the place of one that shows no life in four seconds, whose end harms it not', async () => {
  const dead = await connect(`${depot.url}/CP1`, { ...proven(), autoPong: false })
  const probed = once(dead.socket, 'ping')
  const arriving = connect(`${depot.url}/CP1`, proven())
  await probed
  clock.advance(seconds(4))
  const second = await arriving
  await dead.closed
  expect((await second.call('Heartbeat', {}))[0]).toBe(3)
  expect(depot.inputs.map((input) => [input.type, 'connection' in input ? input.connection : null])).toEqual([
    ['station-connected', 1],
    ['station-disconnected', 1],
    ['station-connected', 2],
  ])
  expect(kinds()).toEqual([])
})

test.each([
  ['../', '/..%2Fetc'],
  ['../ undecoded', '/ocpp/../CP1'],
  ['%00', '/CP1%00'],
  ['300 characters', `/${'A'.repeat(300)}`],
  ['other alphabets', `/${encodeURIComponent('СР1')}`],
  ['SQL quotes', `/${encodeURIComponent("CP1' OR '1'='1")}`],
  ['a line break', `/CP1${encodeURIComponent('\r\n')}X`],
])('S11 an identity with %s ends with 400 and is repeated nowhere', async (_what, path) => {
  const answer = await ask(path, { Authorization: basic('CP1', SECRET) })
  expect(answer).toMatch(/^HTTP\/1.1 400 /)
  expect(refused()).toMatchObject([{ reason: 'odd path', identity: null }])
  expect([...depot.lines, ...depot.inputs]).toEqual([])
})

describe('S13 whoever does not finish the handshake', () => {
  test('S13 byte by byte is cut after ten seconds, however often a byte comes', async () => {
    const slow = await connectTcp(depot.url)
    const closed = new Promise((done) => slow.once('close', done))
    const dribble = upgradeRequest('/CP1')
    slow.write(dribble.slice(0, 30))
    // One that is answered proves that the slow one has been taken in.
    await ask('/CP1')
    for (let passed = 0; passed < 10; passed++) {
      slow.write(dribble[30 + passed] ?? '')
      clock.advance(seconds(1))
    }
    await closed
  })

  test('S13 and is one of two thousand makes room for stations, which are served', async () => {
    const idle = await Promise.all(Array.from({ length: 2000 }, () => connectTcp(depot.url)))
    await stillServes()
    expect(idle.filter((socket) => !socket.destroyed).length).toBeGreaterThan(0)
    for (const socket of idle) socket.destroy()
    await stillServes()
  })
})

test('S25 a web page that opens a WebSocket here is refused by its Origin, with the right secret too', async () => {
  const headers = { Authorization: basic('CP1', SECRET), Origin: 'http://intranet.example' }
  expect(await ask('/CP1', headers)).toMatch(/^HTTP\/1.1 403 /)
  expect(refused()).toMatchObject([{ reason: 'browser', identity: 'CP1' }])
  expect(depot.inputs).toEqual([])
})
