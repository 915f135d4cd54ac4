import { createServer, type Socket } from 'node:net'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { type Duration, milliseconds } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { type BusRequest, ModbusBus } from './modbus-bus.ts'

/** A request as the peer got it. */
interface Asked {
  readonly frame: Buffer
  readonly unit: number
  readonly addr: number
  readonly count: number
  readonly socket: Socket
  /** Answers with registers that hold their own addresses, under the request's transaction unless told another. */
  reply(first?: number): void
}

const GAP = milliseconds(30)
const DEADLINE = milliseconds(1000)
const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

/** Lets the event loop turn until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

const answerOf = ({ frame, addr, count }: Pick<Asked, 'frame' | 'addr' | 'count'>, first = addr): Buffer => {
  const words = Buffer.alloc(2 * count)
  for (let n = 0; n < count; n += 1) words.writeUInt16BE(first + n, 2 * n)
  const head = Buffer.from([
    frame[0] ?? 0,
    frame[1] ?? 0,
    0,
    0,
    0,
    3 + 2 * count,
    frame[6] ?? 0,
    frame[7] ?? 0,
    2 * count,
  ])
  return Buffer.concat([head, words])
}

/** A peer on a plain socket that does to each request what the test says. */
async function listen(handle: (asked: Asked) => void) {
  const sockets = new Set<Socket>()
  const asked: Asked[] = []
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let rest = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      for (; rest.length >= 12; rest = rest.subarray(12)) {
        const frame = Buffer.from(rest.subarray(0, 12))
        const head = {
          frame,
          unit: frame.readUInt8(6),
          addr: frame.readUInt16BE(8),
          count: frame.readUInt16BE(10),
        }
        const request: Asked = { ...head, socket, reply: (first) => void socket.write(answerOf(head, first)) }
        asked.push(request)
        handle(request)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  cleanUps.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { port, asked, sockets, server, connections: () => connections }
}

async function bench(handle: (asked: Asked) => void = (asked) => asked.reply()) {
  const clock = new FakeClock()
  const peer = await listen(handle)
  const said: string[] = []
  const log = {
    info: (_: object, text: string) => said.push(text),
    warn: (_: object, text: string) => said.push(text),
  }
  const bus = new ModbusBus({
    endpoint: { kind: 'tcp', host: '127.0.0.1', port: peer.port },
    clock,
    random: () => 1,
    log,
  })
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
  /** Reads from a peer that stays silent, until the deadline has passed. */
  const miss = async (addr = 0) => {
    const seen = peer.asked.length
    const result = read(addr)
    await until(() => peer.asked.length > seen)
    clock.advance(DEADLINE)
    return result
  }
  return { clock, peer, bus, read, miss, said }
}

test('trap 3: a request over TCP is header, unit, function, address and count, without a checksum', async () => {
  const { peer, read } = await bench()
  await read(0x0010, { unit: 7 })
  expect(peer.asked[0]?.frame.toString('hex')).toBe('000100000006070300100002')
})

test('input registers are read with function 4', async () => {
  const { peer, read } = await bench()
  await read(0x0010, { unit: 7, functionCode: 4 })
  expect(peer.asked[0]?.frame.toString('hex')).toBe('000100000006070400100002')
})

test('a reply is stamped with both clocks when it is complete', async () => {
  const { clock, read } = await bench()
  clock.advance(milliseconds(1234))
  expect(await read(40)).toEqual({ words: [40, 41], at: clock.now(), monotonic: 1234 })
})

test('traps 4 and 6: of fifty reads at once, one is open at a time and each gets its own answer', async () => {
  let open = 0
  let most = 0
  const { read } = await bench((asked) => {
    open += 1
    most = Math.max(most, open)
    setImmediate(() => {
      open -= 1
      asked.reply()
    })
  })
  const results = await Promise.all(Array.from({ length: 50 }, (_, n) => read(10 * n)))
  expect(most).toBe(1)
  expect(results).toMatchObject(Array.from({ length: 50 }, (_, n) => ({ words: [10 * n, 10 * n + 1] })))
})

test('trap 5: units asked at the same time are each asked by their own number', async () => {
  const { peer, read } = await bench()
  await Promise.all([read(0, { unit: 1 }), read(0, { unit: 2 }), read(0, { unit: 3 })])
  expect(peer.asked.map(({ unit }) => unit)).toEqual([1, 2, 3])
})

test('trap 6: an answer that comes after its deadline is never taken for the answer to the next request', async () => {
  const { clock, peer, read, miss } = await bench((asked) => {
    if (asked.addr === 10) return
    peer.asked[0]?.reply(1010)
    asked.reply()
  })
  expect(await miss(10)).toMatchObject({ failed: 'timeout' })
  expect(await read(20)).toMatchObject({ words: [20, 21] })
  expect(await read(30)).toMatchObject({ words: [30, 31] })
  expect(clock.pending).toBe(0)
})

test('an answer given twice counts once', async () => {
  const { read } = await bench((asked) => {
    asked.reply()
    asked.reply(9999)
  })
  expect(await read(10)).toMatchObject({ words: [10, 11] })
  expect(await read(20)).toMatchObject({ words: [20, 21] })
})

test('an answer in single bytes is put together', async () => {
  const { read } = await bench((asked) => {
    for (const byte of answerOf(asked)) asked.socket.write(Buffer.of(byte))
  })
  expect(await read(10)).toMatchObject({ words: [10, 11] })
})

test('trap 7: closing settles the request in flight and all that wait, at once', async () => {
  const { bus, clock, peer, read } = await bench(() => undefined)
  const results = Array.from({ length: 10 }, (_, n) => read(n))
  await until(() => peer.asked.length === 1)
  bus.close()
  for (const result of await Promise.all(results)) expect(result).toMatchObject({ failed: 'closed' })
  expect(await read(0)).toMatchObject({ failed: 'closed' })
  await until(() => peer.sockets.size === 0)
  expect(clock.pending).toBe(0)
})

describe('trap 8: a connection that ends under a request', () => {
  test.each([
    ['by a reset', (socket: Socket) => socket.resetAndDestroy()],
    ['by an orderly close', (socket: Socket) => socket.end()],
  ])('%s settles it at once and the next read connects again', async (_, end) => {
    let ended = false
    const { peer, read } = await bench((asked) => {
      if (asked.addr === 10 && !ended) {
        ended = true
        end(asked.socket)
      } else asked.reply()
    })
    expect(await read(0)).toMatchObject({ words: [0, 1] })
    expect(await read(10)).toMatchObject({ failed: 'closed' })
    expect(await read(10)).toMatchObject({ words: [10, 11] })
    expect(peer.connections()).toBe(2)
  })

  test('and one that ended between requests is not written to', async () => {
    const { peer, read } = await bench()
    await read(0)
    for (const socket of peer.sockets) socket.resetAndDestroy()
    await until(() => peer.sockets.size === 0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(await read(10)).toMatchObject({ words: [10, 11] })
  })
})

describe('trap 9: a silent peer', () => {
  test('is connected to anew after five timeouts in a row', async () => {
    const { peer, miss } = await bench(() => undefined)
    for (let n = 0; n < 5; n += 1) expect(await miss(n)).toMatchObject({ failed: 'timeout' })
    await until(() => peer.sockets.size === 0)
    expect(peer.connections()).toBe(1)
  })

  test('that answers in between is not', async () => {
    const { peer, read, miss } = await bench((asked) => asked.addr === 99 && asked.reply())
    for (let n = 0; n < 12; n += 1) await (n % 4 === 3 ? read(99) : miss(n))
    expect(peer.connections()).toBe(1)
  })

  test('never holds more than one connection over forty rebuilds', async () => {
    const { bus, clock, peer, miss } = await bench(() => undefined)
    for (let rebuild = 1; rebuild <= 40; rebuild += 1) {
      for (let n = 0; n < 5; n += 1) await miss()
      await until(() => peer.sockets.size === 0)
      expect(peer.connections()).toBe(rebuild)
      clock.advance(milliseconds(30_000))
    }
    expect(bus.counters).toMatchObject({ requests: 200, timeouts: 200, rebuilds: 40, drains: 0 })
    expect(clock.pending).toBe(0)
  })
})

describe('trap 12: whatever goes wrong has a code of ours', () => {
  const changed = (change: (frame: Buffer) => void) => (asked: Asked) => {
    const frame = answerOf(asked)
    change(frame)
    asked.socket.write(frame)
  }
  test.each([
    ['an exception', 'exception-2', changed((frame) => frame.set([0x83, 2, 0], 7))],
    ['an exception not in the book', 'exception-99', changed((frame) => frame.set([0x83, 99, 0], 7))],
    ['an answer of another unit', 'frame', changed((frame) => frame.writeUInt8(2, 6))],
    ['an answer to another function', 'frame', changed((frame) => frame.writeUInt8(4, 7))],
    ['a byte count too low', 'frame', changed((frame) => frame.writeUInt8(2, 8))],
    ['a byte count too high', 'frame', changed((frame) => frame.writeUInt8(200, 8))],
    [
      'more registers than asked for',
      'frame',
      (asked: Asked) => asked.socket.write(answerOf({ ...asked, count: 9 })),
    ],
    [
      'fewer registers than asked for',
      'frame',
      (asked: Asked) => asked.socket.write(answerOf({ ...asked, count: 1 })),
    ],
  ])('%s is %s', async (_, failed, handle) => {
    const { read } = await bench(handle)
    const result = await read(0)
    expect(result).toMatchObject({ failed })
    expect(result).toHaveProperty('reason', expect.stringMatching(/\w{3}/))
  })

  test('an exception keeps the connection, a wrong frame ends it', async () => {
    const answers = [[0x83, 2], [0x83, 2], [0x84, 2], []]
    const { peer, read } = await bench((asked) => {
      const bytes = answers[peer.asked.length - 1] ?? []
      changed((frame) => frame.set(bytes, 7))(asked)
    })
    for (const _ of answers) await read(0)
    expect(peer.connections()).toBe(2)
  })

  test('no bytes a peer can send crash the reader or become a value of the next request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 40 }), async (bytes) => {
        const { clock, peer, read, bus } = await bench((asked) => {
          asked.socket.write(bytes)
          asked.socket.end()
        })
        const result = read(0)
        await until(() => peer.asked.length === 1)
        expect(await result).toHaveProperty('failed')
        bus.close()
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 50 },
    )
  })
})

describe('connecting', () => {
  test('trap 13: a connection not made by its deadline is given up, socket and all', async () => {
    const { clock, peer, read } = await bench()
    const result = read(0)
    clock.advance(DEADLINE)
    expect(await result).toMatchObject({ failed: 'closed', reason: 'no connection within 1000 ms' })
    clock.advance(milliseconds(500))
    expect(await read(10)).toMatchObject({ words: [10, 11] })
    await until(() => peer.sockets.size === 1)
  })

  test('a refused connection is tried again at growing intervals, at most half a minute apart', async () => {
    const { clock, peer, read } = await bench()
    peer.server.close()
    for (const wait of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      expect(await read(0)).toMatchObject({
        failed: 'closed',
        reason: expect.stringContaining('ECONNREFUSED'),
      })
      clock.advance(milliseconds(wait - 1))
      expect(await read(0)).toMatchObject({
        failed: 'closed',
        reason: expect.stringContaining('next attempt'),
      })
      clock.advance(milliseconds(1))
    }
  })

  test('a peer that accepts and hangs up is not pestered either', async () => {
    const { clock, peer, read } = await bench((asked) => asked.socket.resetAndDestroy())
    expect(await read(0)).toMatchObject({ failed: 'closed' })
    expect(await read(0)).toMatchObject({ reason: expect.stringContaining('next attempt') })
    clock.advance(milliseconds(500))
    expect(await read(0)).toMatchObject({ failed: 'closed' })
    expect(peer.connections()).toBe(2)
  })
})

describe('trap 18: the line rests', () => {
  const afterReply = async (more: Partial<BusRequest>, rest: Duration) => {
    const { bus, clock, peer, read } = await bench()
    await read(0, { minGap: GAP })
    const second = read(10, { minGap: GAP, ...more })
    expect(bus.inFlight).toBe(0)
    clock.advance(milliseconds(rest - 1))
    expect(bus.inFlight).toBe(0)
    clock.advance(milliseconds(1))
    expect(bus.inFlight).toBe(1)
    expect(await second).toMatchObject({ words: [10, 11] })
    expect(peer.asked).toHaveLength(2)
  }
  test('between a reply and the next request', () => afterReply({}, GAP))
  test('twice as long before another unit is asked', () => afterReply({ unit: 2 }, milliseconds(60)))
})

test('nothing times out while the clock stands', async () => {
  const { bus, peer, read } = await bench(() => undefined)
  const result = read(0)
  await until(() => peer.asked.length === 1)
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(bus.inFlight).toBe(1)
  peer.asked[0]?.reply()
  expect(await result).toMatchObject({ words: [0, 1] })
})
