import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { deflateRawSync } from 'node:zlib'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DepotDouble, startDepot, station } from './testing/depot-double.ts'
import { connect, type RawStation } from './testing/raw-station.ts'
import { connectTcp, upgradeRequest } from './testing/raw-tcp.ts'

/** What a station that is let in may try, row by row of the list of attacks. */
const AT = '2026-11-21T18:00:00Z'
const START = { connectorId: 1, idTag: 'BUS-1', meterStart: 0, timestamp: AT }
const values = (value: unknown) => ({
  connectorId: 1,
  meterValue: [{ timestamp: AT, sampledValue: [{ value }] }],
})
const MIB = 1024 * 1024

let clock: FakeClock
let depot: DepotDouble
let bad: RawStation
let good: RawStation
beforeEach(async () => {
  clock = new FakeClock()
  depot = await startDepot({ clock, stations: [station('BAD'), station('GOOD')] })
  bad = await connect(`${depot.url}/BAD`)
  good = await connect(`${depot.url}/GOOD`)
})
afterEach(() => depot.csms.stop())

const stillServes = async () => expect((await good.call('Heartbeat', {}))[0]).toBe(3)
const warned = (text: string) => depot.lines.some((line) => line.startsWith('warn') && line.includes(text))
const gone = () =>
  depot.until((inputs) =>
    inputs.some((input) => input.type === 'station-disconnected' && input.station === 'BAD'),
  )

/** A WebSocket of the station BAD whose bytes the test writes itself. */
async function bareSocket() {
  bad.socket.terminate()
  await gone()
  const socket = await connectTcp(depot.url)
  const closed = new Promise<void>((done) => socket.once('close', () => done()))
  socket.write(upgradeRequest('/BAD', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return { socket, closed, answer: answer.toString('latin1') }
}
/** A frame as a client sends it, masked with zeros. `first` is its first byte. */
function frame(first: number, body: Buffer): Buffer {
  const head = Buffer.alloc(14)
  head[0] = first
  head[1] = 0xff
  head.writeBigUInt64BE(BigInt(body.length), 2)
  return Buffer.concat([head, body])
}

describe('S12 a message of 50 MB', () => {
  test('S12 closes its connection at its announcement, and is not even read', async () => {
    const { socket, closed } = await bareSocket()
    const head = frame(0x81, Buffer.alloc(0))
    head.writeBigUInt64BE(BigInt(50 * MIB), 2)
    socket.write(head)
    let written = 0
    const piece = Buffer.alloc(64 * 1024, 'x')
    const pour = () => {
      if (socket.destroyed || written > 20 * MIB) return
      written += piece.length
      socket.write(piece, pour)
    }
    pour()
    await closed
    await depot.until((inputs) => inputs.filter(({ type }) => type === 'station-disconnected').length === 2)
    expect(written).toBeLessThan(20 * MIB)
    expect(depot.csms.activity().framesIn).toBe(0)
    await stillServes()
  })

  test('S12 and one in fragments without an end is cut where they are a megabyte together', async () => {
    const { socket, closed } = await bareSocket()
    socket.write(frame(0x01, Buffer.from('[2,"x","DataTransfer",{"data":"')))
    let written = 0
    const fragment = frame(0x00, Buffer.alloc(64 * 1024, 'x'))
    const pour = () => {
      if (socket.destroyed || written > 20 * MIB) return
      written += fragment.length
      socket.write(fragment, pour)
    }
    pour()
    await closed
    expect(written).toBeLessThan(20 * MIB)
    await stillServes()
  })

  test('S12 nor does compression make one of little: it is not spoken here, and a compressed frame closes', async () => {
    const { socket, closed, answer } = await bareSocket()
    expect(answer).toMatch(/^HTTP\/1.1 101 /)
    expect(answer.toLowerCase()).not.toContain('permessage-deflate')
    socket.write(frame(0xc1, deflateRawSync(Buffer.alloc(50 * MIB, 'x'))))
    await closed
    await stillServes()
  })
})

describe('S14 a thousand messages a second', () => {
  test('S14 of one station wait behind each other, and never before the one message of another', async () => {
    await depot.csms.stop()
    const limits = { callBurst: 10, callsPerSecond: 100 }
    depot = await startDepot({ clock, stations: [station('BAD'), station('GOOD')], limits })
    bad = await connect(`${depot.url}/BAD`)
    good = await connect(`${depot.url}/GOOD`)
    const served: string[] = []
    depot.csms.onFrame(({ station: of, direction }) => {
      if (direction === 'out') served.push(of)
    })
    const flood = Array.from({ length: 1000 }, (_, n) => bad.call('MeterValues', values(String(n))))
    await Promise.all(flood.slice(0, 10))
    await stillServes()
    expect(served).toEqual([...Array<string>(10).fill('BAD'), 'GOOD'])
    // Its own come at a hundred a second, and none is lost.
    for (let passed = 0; passed < 11; passed++) {
      await stillServes()
      for (let part = 0; part < 100; part++) {
        clock.advance(seconds(0.01))
        await new Promise(setImmediate)
      }
    }
    await Promise.all(flood)
    expect(depot.of('meter-values')).toHaveLength(1000)
  })
})

describe('S15 what is no message', () => {
  const error = (code: string) => [4, expect.anything(), code, expect.any(String), {}]
  test('S15 not JSON or of another shape is a FormationViolation where it can be answered', async () => {
    bad.send('[2,"x","Heartbeat",{')
    expect(await bad.next(([, id]) => id === 'x')).toEqual(error('FormationViolation'))
    for (const text of ['nonsense', '{}', '[]', '[7]', '"x"', '\u0000']) bad.send(text)
    expect((await bad.call('Heartbeat', {}))[0]).toBe(3)
  })

  test('S15 in OCPP 2.0.1 it is a FormatViolation', async () => {
    await bad.close()
    await gone()
    bad = await connect(`${depot.url}/BAD`, { protocols: ['ocpp2.0.1'] })
    bad.send('[2,"x","Heartbeat",{')
    expect(await bad.next(([, id]) => id === 'x')).toEqual(error('FormatViolation'))
  })

  test('S15 an action that nobody knows is NotImplemented', async () => {
    expect(await bad.call('Teleport', {})).toEqual(error('NotImplemented'))
  })

  test('S15 bad types never cost a report: it is repaired, kept and answered', async () => {
    const odd = { connectorId: '1', idTag: 7, meterStart: '12,5', timestamp: null }
    expect((await bad.call('StartTransaction', odd))[0]).toBe(3)
    expect(depot.of('transaction-started')[0]).toMatchObject({ evse: 1, idToken: '7' })
  })
})

test('S16 keys that every object has pollute nothing', async () => {
  for (const key of ['__proto__', 'constructor', 'prototype']) {
    bad.send(`[2,"${key}","StatusNotification",{"${key}":{"status":"Faulted","polluted":1},"connectorId":1}]`)
    expect((await bad.next(([, id]) => id === key))[0]).toBe(3)
    expect((await bad.call(key, {}))[2]).toBe('NotImplemented')
  }
  const plain: Record<string, unknown> = {}
  expect([plain.status, plain.polluted]).toEqual([undefined, undefined])
  expect(depot.of('connector-status').map(({ status }) => status)).not.toContain('Faulted')
})

describe('S17 an answer', () => {
  test('S17 to what was never asked is ignored and logged', async () => {
    bad.send('[3,"never-asked",{"status":"Accepted"}]')
    expect((await bad.call('Heartbeat', {}))[0]).toBe(3)
    expect(warned('never-asked')).toBe(true)
    expect(bad.received).toHaveLength(1)
  })

  test('S17 to what another station was asked settles nothing there', async () => {
    const reset = depot.csms.commands.send(
      station('GOOD').id,
      { kind: 'reset', mode: 'OnIdle' },
      { priority: 'operator', deadline: seconds(30) },
    )
    const [, id] = await good.next(([type]) => type === 2)
    bad.send(JSON.stringify([3, id, { status: 'Accepted' }]))
    expect((await bad.call('Heartbeat', {}))[0]).toBe(3)
    expect(depot.csms.activity().callsPending).toBe(1)
    good.send(JSON.stringify([3, id, { status: 'Rejected' }]))
    expect(await reset).toMatchObject({ status: 'rejected' })
  })
})

describe('S18 a message id used again', () => {
  test('S18 with the same payload gets the same answer and has no second effect', async () => {
    const first = await bad.call('StartTransaction', START, 'again')
    bad.send(JSON.stringify([2, 'again', 'StartTransaction', START]))
    await bad.call('Heartbeat', {})
    expect(bad.received.filter(([, id]) => id === 'again')).toEqual([first, first])
    expect(depot.of('transaction-started')).toHaveLength(1)
  })

  test('S18 with another payload is another message', async () => {
    await bad.call('StartTransaction', START, 'again')
    bad.send(JSON.stringify([2, 'again', 'StartTransaction', { ...START, idTag: 'BUS-2' }]))
    await depot.until(() => depot.of('transaction-started').length === 2)
    expect(depot.of('transaction-started').map(({ idToken }) => idToken)).toEqual(['BUS-1', 'BUS-2'])
  })
})

describe('S19 a message before its station was accepted', () => {
  const BOOT = { chargePointVendor: 'V', chargePointModel: 'M' }
  const STATUS = { connectorId: 1, errorCode: 'NoError', status: 'Available' }
  const REFUSED = [4, expect.anything(), 'SecurityError', expect.any(String), {}]
  /** One station that was never heard before. */
  async function anew(registration: 'Accepted' | 'Pending' | 'Rejected' = 'Accepted', booted = false) {
    await depot.csms.stop()
    depot = await startDepot({
      clock,
      stations: [{ ...station('BAD'), registration }],
      hasBooted: () => booted,
    })
    bad = await connect(`${depot.url}/BAD`)
  }

  test('S19 is rejected, but for its boot and reports of transactions, which are history', async () => {
    await anew()
    expect(await bad.call('StatusNotification', STATUS)).toEqual(REFUSED)
    expect(await bad.call('Authorize', { idTag: 'BUS-1' })).toEqual(REFUSED)
    expect((await bad.call('StartTransaction', START))[0]).toBe(3)
    expect((await bad.call('BootNotification', BOOT))[2]).toMatchObject({ status: 'Accepted' })
    expect((await bad.call('StatusNotification', STATUS))[0]).toBe(3)
    expect(depot.of('authorize')).toEqual([])
    expect(depot.of('connector-status')).toHaveLength(1)
  })

  test('S19 is heard after a minute from a station that never boots', async () => {
    await anew()
    clock.advance(seconds(60))
    expect((await bad.call('StatusNotification', STATUS))[0]).toBe(3)
  })

  test('S19 is heard at once from a station that was accepted before and merely reconnects', async () => {
    await anew('Accepted', true)
    expect((await bad.call('StatusNotification', STATUS))[0]).toBe(3)
  })

  test('S19 is rejected from a pending station whatever it is, unless we have asked for it', async () => {
    await anew('Pending', true)
    expect((await bad.call('BootNotification', BOOT))[2]).toMatchObject({ status: 'Pending' })
    expect(await bad.call('StartTransaction', START)).toEqual(REFUSED)
    const asked = depot.csms.commands.send(
      station('BAD').id,
      { kind: 'trigger', message: 'StatusNotification', evse: 1 },
      { priority: 'operator', deadline: seconds(30) },
    )
    const [, id] = await bad.next(([type]) => type === 2)
    bad.send(JSON.stringify([3, id, { status: 'Accepted' }]))
    expect(await asked).toMatchObject({ status: 'accepted' })
    expect((await bad.call('StatusNotification', STATUS))[0]).toBe(3)
    expect(await bad.call('StatusNotification', STATUS)).toEqual(REFUSED)
    expect(depot.of('transaction-started')).toEqual([])
  })

  test('S19 is rejected from a rejected station, which is not spoken to either', async () => {
    await anew('Rejected', true)
    expect((await bad.call('BootNotification', BOOT))[2]).toMatchObject({ status: 'Rejected' })
    expect(await bad.call('Heartbeat', {})).toEqual(REFUSED)
    const reset = { kind: 'reset', mode: 'OnIdle' } as const
    const sent = depot.csms.commands.send(station('BAD').id, reset, {
      priority: 'operator',
      deadline: seconds(30),
    })
    expect(await sent).toMatchObject({ status: 'not-sent' })
    expect(bad.received.every(([type]) => type !== 2)).toBe(true)
  })
})
