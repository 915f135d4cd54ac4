import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type DepotDouble, startDepot, station } from '../testing/depot-double.ts'
import { connect } from '../testing/raw-station.ts'
import { connectTcp, exchange, upgradeRequest } from '../testing/raw-tcp.ts'

const SECRET = Buffer.from('00ff3a5c7e00ff3a5c7e00ff3a5c7e42', 'hex')
const basic = (user: string, secret: Buffer | string) =>
  `Basic ${Buffer.concat([Buffer.from(`${user}:`), Buffer.from(secret)]).toString('base64')}`
const hashOf = (secret: Buffer) => createHash('sha256').update(secret).digest('hex')

let clock: FakeClock
let depot: DepotDouble
const stations = [station('CP1'), station('CP2', hashOf(SECRET))]
beforeEach(async () => {
  clock = new FakeClock()
  depot = await startDepot({ clock, stations, limits: { openHandshakes: 20 } })
})
afterEach(() => depot.csms.stop())

const refusals = () => depot.events.map((event) => (event.kind === 'refused' ? event.reason : event.kind))
const stillServes = async () => {
  const good = await connect(`${depot.url}/CP1`)
  expect((await good.call('Heartbeat', {}))[0]).toBe(3)
  await good.close()
}

describe('T1: a path with broken percent-encoding', () => {
  test('is refused with 400, and the next station connects', async () => {
    expect(await exchange(depot.url, upgradeRequest('/ocpp/%E0%A4%A'))).toMatch(/^HTTP\/1.1 400 /)
    await stillServes()
  })
})

test('a flood of refused connections is told once and then as a number, and logged nowhere else', async () => {
  for (let n = 0; n < 5; n++)
    expect(await exchange(depot.url, upgradeRequest('/CP9'))).toMatch(/^HTTP\/1.1 401 /)
  expect(depot.events).toMatchObject([{ kind: 'refused', count: 1 }])
  clock.advance(minutes(1))
  expect(depot.events).toMatchObject([{ count: 1 }, { kind: 'refused', count: 4 }])
  expect(depot.lines).toEqual([])
})

describe('T4: the subprotocol', () => {
  test.each([[[]], [['ocpp1.5']], [['OCPP1.6']]])(
    '%j is closed at once, and no handler runs',
    async (protocols) => {
      const socket = new WebSocket(`${depot.url}/CP1`, protocols)
      socket.on('open', () => socket.send('[2,"1","Heartbeat",{}]'))
      const answers: string[] = []
      socket.on('message', (data) => answers.push(data.toString()))
      socket.on('error', () => socket.terminate())
      await new Promise((resolve) => socket.once('close', resolve))
      expect(answers).toEqual([])
      expect(depot.inputs).toEqual([])
      await stillServes()
      expect(refusals()).toEqual(['no common subprotocol'])
    },
  )

  test.each([
    [['ocpp1.6', 'ocpp2.0.1'], 'ocpp2.0.1'],
    [['ocpp2.1', 'ocpp2.0.1', 'ocpp1.6'], 'ocpp2.0.1'],
    [['ocpp2.1', 'ocpp1.6'], 'ocpp2.1'],
    [['ocpp1.5', 'ocpp1.6'], 'ocpp1.6'],
    [['ocpp2.1'], 'ocpp2.1'],
  ])('T2: of %j, %s is chosen', async (protocols, chosen) => {
    const client = await connect(`${depot.url}/CP1`, { protocols })
    expect(client.socket.protocol).toBe(chosen)
    await client.close()
  })
})

describe('T6: the path names the identity', () => {
  test.each([
    '/CP1',
    '/CP1/',
    '/CP1/CP1',
    '/ocpp/CP1',
    '/ocpp/CP1/',
    '/webServices/ocpp/CP1',
    '/ocpp/CP1?a=b',
    '/%43P1',
  ])('%s is CP1', async (path) => {
    const client = await connect(`${depot.url}${path}`)
    expect(depot.inputs[0]).toMatchObject({ type: 'station-connected', station: 'CP1' })
    await client.close()
  })

  test.each([
    '/',
    '//',
    '*',
    '/*',
    '/ocpp/',
    '/../',
    '/ocpp/..',
    '/CP1%00',
    '/ocpp/CP1%2F..',
    '/CP%C3%A9',
    `/ocpp/${'C'.repeat(300)}`,
    "/ocpp/CP1'--",
    '/elsewhere/CP1',
  ])('%s is refused with 400', async (path) => {
    expect(await exchange(depot.url, upgradeRequest(path))).toMatch(/^HTTP\/1.1 400 /)
    expect(depot.inputs).toEqual([])
  })
})

describe('T7: Basic credentials', () => {
  const variants: readonly [string, string, Record<string, string>][] = [
    ['no-credentials', '/CP2', {}],
    ['malformed-credentials', '/CP2', { Authorization: 'Bearer abc' }],
    ['user-mismatch', '/CP2', { Authorization: basic('cp2', SECRET) }],
    ['unknown-station', '/CP9', { Authorization: basic('CP9', SECRET) }],
    ['wrong-secret', '/CP2', { Authorization: basic('CP2', 'guess') }],
  ]
  test('fail for five reasons that look the same outside and differ inside', async () => {
    const answers = []
    for (const [, path, headers] of variants)
      answers.push(await exchange(depot.url, upgradeRequest(path, headers)))
    expect(new Set(answers).size).toBe(1)
    expect(refusals()).toEqual(variants.map(([reason]) => reason))
    expect(depot.inputs).toEqual([])
  })

  test('are compared as raw bytes, which need not be text', async () => {
    const client = await connect(`${depot.url}/CP2`, { headers: { authorization: basic('CP2', SECRET) } })
    expect((await client.call('Heartbeat', {}))[0]).toBe(3)
  })
})

describe('T8: whoever does not complete the handshake', () => {
  test('is told with 401 how to authenticate', async () => {
    expect(await exchange(depot.url, upgradeRequest('/CP2'))).toMatch(
      /\r\nWWW-Authenticate: Basic realm="ocpp"/,
    )
  })

  test('is dropped after 10 s', async () => {
    const silent = await connectTcp(depot.url)
    const halfway = await connectTcp(depot.url)
    halfway.write('GET /CP1 HTTP/1.1\r\nHost:')
    // A third that is answered proves that the first two have been taken in.
    await exchange(depot.url, upgradeRequest('/'))
    const closed = [once(silent, 'close'), once(halfway, 'close')]
    clock.advance(seconds(10))
    await Promise.all(closed)
  })

  test('cannot keep stations out, however many there are', async () => {
    const idle = await Promise.all(Array.from({ length: 60 }, () => connectTcp(depot.url)))
    // The oldest give way to the newest.
    await Promise.all(idle.slice(0, 40).map((socket) => socket.closed || once(socket, 'close')))
    await stillServes()
    for (const socket of idle) socket.destroy()
  })

  test('is refused when it asks for a page', async () => {
    const answer = await exchange(depot.url, 'GET /CP1 HTTP/1.1\r\nHost: localhost\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1.1 404 /)
  })
})

test('T28: a CSMS that knows no station lets nobody in', async () => {
  const strict = await startDepot({ clock, stations: [] })
  expect(await exchange(strict.url, upgradeRequest('/CP1'))).toMatch(/^HTTP\/1.1 401 /)
  await strict.csms.stop()
})

test('a browser is refused, since only browsers send an Origin', async () => {
  const answer = await exchange(depot.url, upgradeRequest('/CP1', { Origin: 'http://evil.example' }))
  expect(answer).toMatch(/^HTTP\/1.1 403 /)
})

test('a port in use is a clear error', async () => {
  const { host, port } = depot.csms.address()
  await expect(startDepot({ clock, listen: { host, port } })).rejects.toMatchObject({
    code: 'ocpp.listen',
    message: expect.stringContaining(`${host}:${port}`),
  })
})
