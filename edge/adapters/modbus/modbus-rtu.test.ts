import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { framed, PseudoTerminal, type RtuAsked, rtuPeer, turns, until } from '@busbar/testing/rtu-peer.ts'
import { milliseconds, monotonic } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import type { Endpoint } from './endpoint.ts'
import { type BusRequest, ModbusBus } from './modbus-bus.ts'

const DEADLINE = milliseconds(500)
const SILENCE = milliseconds(300)
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

type Kind = 'rtu-tcp' | 'rtu'
const answering = (asked: RtuAsked) => asked.send(asked.answer())

async function bench(kind: Kind, handle: (asked: RtuAsked) => void = answering) {
  const clock = new FakeClock()
  const peer = await rtuPeer(handle)
  cleanUps.push(() => peer.close())
  const terminal = new PseudoTerminal()
  cleanUps.push(() => terminal.remove())
  if (kind === 'rtu') await terminal.plugIn(peer.port)
  const serial = { baud: 19_200, parity: 'even', stopBits: 1 } as const
  const endpoint: Endpoint =
    kind === 'rtu'
      ? { kind, device: terminal.device, ...serial }
      : { kind, host: '127.0.0.1', port: peer.port }
  const said: string[] = []
  const note = (fields: object, text: string) => said.push(`${text} ${JSON.stringify(fields)}`)
  const bus = new ModbusBus({ endpoint, clock, random: () => 1, log: { info: note, warn: note } })
  cleanUps.push(() => bus.close())
  const read = (addr: number, more: Partial<BusRequest> = {}) =>
    bus.read({
      unit: 1,
      functionCode: 3,
      addr,
      count: 2,
      deadline: DEADLINE,
      minGap: milliseconds(0),
      ...more,
    })
  /** A read that nobody answers in time. */
  const miss = async (addr: number, more: Partial<BusRequest> = {}) => {
    const seen = peer.asked.length
    const result = read(addr, more)
    await until(() => peer.asked.length > seen)
    // Time on the wire at 19,200 baud comes on top of the deadline.
    clock.advance(milliseconds(DEADLINE + 20))
    return result
  }
  const rest = async () => {
    clock.advance(SILENCE)
    await until(() => bus.inFlight === 0)
  }
  return { ...{ clock, peer, bus, read, miss, rest, terminal, said, endpoint } }
}

describe.each<Kind>(['rtu-tcp', 'rtu'])('over %s', (kind) => {
  test('trap 3: a request is unit, function, address, count and checksum, without a header', async () => {
    const { peer, read } = await bench(kind)
    expect(await read(0x0010, { unit: 7 })).toMatchObject({ words: [16, 17] })
    expect(peer.asked[0]?.frame.toString('hex')).toBe('070300100002c5a8')
  })

  test('trap 1: an answer that comes in the silence after its deadline is thrown away', async () => {
    const { clock, peer, bus, read, miss, rest } = await bench(
      kind,
      (asked) => asked.addr !== 10 && answering(asked),
    )
    expect(await miss(10)).toMatchObject({ failed: 'timeout' })
    const [late] = peer.asked
    late?.send(late.answer(1010))
    const next = [20, 30, 40].map((addr) => read(addr))
    await until(() => bus.heardBytes === 9)
    expect(peer.asked).toHaveLength(1)
    await rest()
    // What came restarted the silence.
    if (peer.asked.length === 1) await rest()
    expect(await Promise.all(next)).toMatchObject([
      { words: [20, 21] },
      { words: [30, 31] },
      { words: [40, 41] },
    ])
    expect(bus.counters).toMatchObject({ timeouts: 1, drains: 1, frameErrors: 0, rebuilds: 0 })
    expect(clock.pending).toBe(0)
  })

  test('trap 2: what a late answer spoils is not held against the unit that was asked next', async () => {
    const { peer, bus, read, miss, rest } = await bench(kind, (asked) => {
      // The late frame comes with the next request, its data looks like the head of the next answer.
      const first = peer.asked[0]
      if (asked.unit === 2 && first && asked.seq === 1) asked.send(first.answer(0x0203))
      if (asked.unit === 2) answering(asked)
    })
    expect(await miss(10)).toMatchObject({ failed: 'timeout' })
    await rest()
    expect(await read(20, { unit: 2 })).toMatchObject({ failed: 'frame', spoiltBy: 1 })
    await rest()
    await until(() => bus.inFlight === 0)
    expect(await read(20, { unit: 2 })).toMatchObject({ words: [20, 21] })
  })

  test('traps 4 and 5: of fifty reads of three units at once, one is open at a time and each gets its own answer', async () => {
    let open = 0
    let most = 0
    const { peer, read } = await bench(kind, (asked) => {
      open += 1
      most = Math.max(most, open)
      setImmediate(() => {
        open -= 1
        answering(asked)
      })
    })
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, n) => read(10 * n, { unit: 1 + (n % 3) })),
    )
    expect(most).toBe(1)
    expect(results).toMatchObject(Array.from({ length: 50 }, (_, n) => ({ words: [10 * n, 10 * n + 1] })))
    expect(peer.asked.map(({ unit }) => unit)).toEqual(Array.from({ length: 50 }, (_, n) => 1 + (n % 3)))
  })

  test('trap 7: closing settles the request in flight and all that wait, at once', async () => {
    const { bus, clock, peer, read } = await bench(kind, () => undefined)
    const results = Array.from({ length: 10 }, (_, n) => read(n))
    await until(() => peer.asked.length === 1)
    bus.close()
    for (const result of await Promise.all(results)) expect(result).toMatchObject({ failed: 'closed' })
    expect(clock.pending).toBe(0)
  })

  test('trap 9: a silent line is connected to anew after five misses in a row', async () => {
    const { bus, miss, rest, said } = await bench(kind, () => undefined)
    for (let n = 0; n < 5; n += 1) {
      expect(await miss(n)).toMatchObject({ failed: 'timeout' })
      await rest()
    }
    expect(bus.counters).toMatchObject({ timeouts: 5, rebuilds: 1 })
    expect(said.at(-1)).toContain('5 misses in a row')
  })

  describe('trap 12: whatever goes wrong has a code of ours', () => {
    test.each<[string, string, (asked: RtuAsked) => Buffer]>([
      ['an exception', 'exception-2', ({ unit }) => framed(unit, 0x83, 2)],
      ['a wrong checksum', 'frame', (asked) => Buffer.concat([asked.answer().subarray(0, -1), Buffer.of(0)])],
      ['a byte count that lies', 'frame', ({ unit }) => framed(unit, 3, 2, 0, 1, 0, 2)],
      ['more registers than asked for', 'frame', ({ unit }) => framed(unit, 3, 6, 0, 1, 0, 2, 0, 3)],
    ])('%s is %s', async (_, failed, reply) => {
      const { read } = await bench(kind, (asked) => asked.send(reply(asked)))
      expect(await read(0)).toMatchObject({ failed, reason: expect.stringMatching(/\w{3}/) })
    })

    test.each<[string, (asked: RtuAsked) => Buffer]>([
      ['an answer of another unit', (asked) => framed(9, ...asked.answer().subarray(1, -2))],
      ['an answer to another function', (asked) => framed(asked.unit, 4, ...asked.answer().subarray(2, -2))],
      ['half an answer', (asked) => asked.answer().subarray(0, 5)],
      ['fewer registers than asked for', ({ unit }) => framed(unit, 3, 2, 0, 1)],
    ])('%s is no answer', async (_, reply) => {
      const { miss } = await bench(kind, (asked) => asked.send(reply(asked)))
      expect(await miss(0)).toMatchObject({ failed: 'timeout' })
    })
  })

  test('trap 14: an answer split at any byte is put together', async () => {
    const { read } = await bench(kind, (asked) => {
      const answer = asked.answer()
      const at = 1 + (asked.seq % (answer.length - 1))
      asked.send(answer.subarray(0, at))
      setImmediate(() => setImmediate(() => asked.send(answer.subarray(at))))
    })
    for (let n = 0; n < 8; n += 1) expect(await read(n)).toMatchObject({ words: [n, n + 1] })
  })

  test('noise before an answer does not hide it', async () => {
    const { read } = await bench(kind, (asked) =>
      asked.send(Buffer.concat([Buffer.of(0, 0xff, 0x55), asked.answer()])),
    )
    expect(await read(10)).toMatchObject({ words: [10, 11] })
  })

  test('trap 17: an adapter that echoes our own requests is named as such', async () => {
    const { read } = await bench(kind, (asked) => asked.send(Buffer.concat([asked.frame, asked.answer()])))
    expect(await read(10)).toMatchObject({ failed: 'frame', reason: expect.stringContaining('echo') })
  })

  test('trap 18: the line rests between a reply and the next request, twice as long before another unit', async () => {
    const { bus, clock, read } = await bench(kind)
    const minGap = milliseconds(30)
    await read(0, { minGap })
    for (const [unit, gap] of [
      [1, 30],
      [2, 60],
    ] as const) {
      const next = read(10, { unit, minGap })
      clock.advance(milliseconds(gap - 1))
      await turns(5)
      expect(bus.inFlight).toBe(0)
      clock.advance(milliseconds(1))
      expect(bus.inFlight).toBe(1)
      expect(await next).toMatchObject({ words: [10, 11] })
    }
  })
})

test('a line that will not fall silent is connected to anew', async () => {
  const { bus, clock, peer, miss } = await bench('rtu-tcp', () => undefined)
  await miss(0)
  for (let round = 1; round <= 10; round += 1) {
    expect(bus.counters.rebuilds).toBe(0)
    peer.asked[0]?.send(Buffer.of(round))
    await until(() => bus.heardBytes === round)
    clock.advance(SILENCE)
  }
  await until(() => bus.inFlight === 0)
  expect(bus.counters).toMatchObject({ drains: 1, rebuilds: 1 })
})

test('trap 8: a converter that resets the connection is connected to anew by the next read', async () => {
  let cut = true
  const { peer, read } = await bench('rtu-tcp', (asked) => {
    if (asked.addr !== 10 || !cut) return answering(asked)
    cut = false
    for (const socket of peer.sockets) socket.resetAndDestroy()
  })
  await read(0)
  expect(await read(10)).toMatchObject({ failed: 'closed' })
  expect(await read(10)).toMatchObject({ words: [10, 11] })
  expect(peer.connections()).toBe(2)
})

describe('a serial port', () => {
  test('that is not there is tried again at growing intervals', async () => {
    const { bus, clock, read, said, terminal } = await bench('rtu')
    await terminal.unplug()
    for (const wait of [500, 1000, 2000, 4000]) {
      expect(await read(0)).toMatchObject({
        failed: 'closed',
        reason: expect.stringContaining('No such file'),
      })
      expect(await read(0)).toMatchObject({
        failed: 'closed',
        reason: expect.stringContaining('next attempt'),
      })
      clock.advance(milliseconds(wait))
    }
    expect(bus.counters).toMatchObject({ rebuilds: 4, requests: 0 })
    expect(said.filter((line) => line.includes('No such file'))).toHaveLength(4)
  })

  test('trap 10: that vanishes and comes back under the same name is read again', async () => {
    const { clock, peer, read, terminal } = await bench('rtu')
    expect(await read(0)).toMatchObject({ words: [0, 1] })
    await terminal.unplug()
    const lost: unknown[] = []
    for (let n = 0; n < 8; n += 1) {
      const result = read(10)
      let settled = false
      void result.then(() => {
        settled = true
      })
      while (!settled) {
        await turns(5)
        clock.advance(milliseconds(100))
      }
      lost.push(await result)
    }
    for (const result of lost) expect(result).toHaveProperty('failed')
    await terminal.plugIn(peer.port)
    clock.advance(milliseconds(30_000))
    await turns(20)
    expect(await read(10)).toMatchObject({ words: [10, 11] })
  })

  test('a slow line has the time that its bytes take on top of the deadline', async () => {
    const clock = new FakeClock()
    const peer = await rtuPeer(() => undefined)
    const terminal = new PseudoTerminal()
    cleanUps.push(
      () => peer.close(),
      () => terminal.remove(),
    )
    await terminal.plugIn(peer.port)
    const endpoint = {
      kind: 'rtu',
      device: terminal.device,
      baud: 1200,
      parity: 'even',
      stopBits: 1,
    } as const
    const bus = new ModbusBus({
      endpoint,
      clock,
      random: () => 1,
      log: { info: () => undefined, warn: () => undefined },
    })
    cleanUps.push(() => bus.close())
    const result = bus.read({
      unit: 1,
      functionCode: 3,
      addr: 0,
      count: 60,
      deadline: DEADLINE,
      minGap: milliseconds(0),
    })
    await until(() => peer.asked.length === 1)
    // 8 + 5 + 120 bytes of 11 bits at 1200 baud.
    clock.advance(milliseconds(DEADLINE + 1219))
    await turns(10)
    expect(bus.inFlight).toBe(1)
    clock.advance(milliseconds(1))
    expect(await result).toMatchObject({ failed: 'timeout' })
  })
})

describe('the queue', () => {
  test('lets the meter of the grid connection go first', async () => {
    const { peer, read } = await bench('rtu-tcp')
    const results = [read(1), read(2), read(3), read(90, { first: true }), read(91, { first: true }), read(4)]
    await Promise.all(results)
    expect(peer.asked.map(({ addr }) => addr)).toEqual([1, 90, 91, 2, 3, 4])
  })

  test('finishes the scan of one unit before it turns to the next, but for the meter of the grid connection', async () => {
    const { clock, peer, read } = await bench('rtu-tcp')
    const startBy = monotonic(60_000)
    const minGap = milliseconds(30)
    const scan = async (unit: number) => {
      await read(1, { unit, startBy, minGap })
      await read(2, { unit, minGap })
    }
    let done = false
    void Promise.all([scan(1), scan(2), read(9, { unit: 9, first: true, startBy, minGap })]).then(() => {
      done = true
    })
    while (!done) {
      await turns(5)
      clock.advance(milliseconds(10))
    }
    expect(peer.asked.map(({ unit, addr }) => `${unit}/${addr}`)).toEqual(['1/1', '9/9', '1/2', '2/1', '2/2'])
  })

  test('drops a request whose turn comes too late, and counts it', async () => {
    const { bus, clock, peer, read } = await bench('rtu-tcp', (asked) => {
      clock.advance(milliseconds(200))
      answering(asked)
    })
    const results = [read(1), read(2, { startBy: monotonic(100) }), read(3, { startBy: monotonic(1000) })]
    expect(await Promise.all(results)).toMatchObject([
      { words: [1, 2] },
      { failed: 'busy' },
      { words: [3, 4] },
    ])
    expect(peer.asked.map(({ addr }) => addr)).toEqual([1, 3])
    expect(bus.counters).toMatchObject({ dropped: 1, requests: 2 })
  })

  test('tells how busy the line is and how long replies take', async () => {
    const { bus, clock, read } = await bench('rtu-tcp', (asked) => {
      clock.advance(milliseconds(asked.addr))
      answering(asked)
    })
    for (const took of [10, 20, 30, 40]) await read(took)
    clock.advance(milliseconds(100))
    expect(bus.stats.reply(0.5)).toBe(30)
    expect(bus.stats.reply(0.99)).toBe(40)
    expect(bus.stats.occupancy(clock.monotonic())).toBe(0.5)
  })
})
