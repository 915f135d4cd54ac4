import { createHash, randomBytes } from 'node:crypto'
import type { Ack } from '@busbar/contracts/sync/ack.ts'
import type { BatchHeader } from '@busbar/contracts/sync/batch.ts'
import { type BatchRecord, decodeBatch } from '@busbar/contracts/sync/batch-codec.ts'
import { chainStart } from '@busbar/contracts/sync/chain.ts'
import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { milliseconds, monotonic, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { FactOf } from '../../domain/facts.ts'
import { batch, connected, second } from '../../domain/ports/contract-facts.ts'
import { MemoryFactLog } from '../../domain/ports/fact-log.memory.ts'
import { compareHeads } from './compare-heads.ts'
import { Upload } from './upload.ts'

const EPOCH = '01939c5e-0000-7000-8000-000000000001'
const ZERO = { seq: 0, hash: chainStart(EPOCH) }
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

let clock: FakeClock
let factLog: MemoryFactLog
let sent: { header: BatchHeader; records: readonly BatchRecord[] }[]
let told: string[]
/** Decoding takes a moment; batches are looked at in the order they were sent. */
let looking: Promise<void>

beforeEach(() => {
  vi.restoreAllMocks()
  clock = new FakeClock()
  factLog = new MemoryFactLog(as(EPOCH), (bytes) => createHash('sha256').update(bytes).digest('hex'))
  sent = []
  told = []
  looking = Promise.resolve()
})

const append = (count: number) =>
  factLog.append(batch(...Array.from({ length: count }, (_, n) => connected('A-01', n + 1))))

const orphan = (record: string): FactOf<'OrphanReported'> => ({
  ...{ type: 'OrphanReported', occurred_at: second(1), clock: 'synced' },
  entity: { type: 'station', id: 'A-01' },
  data: { station: as('A-01'), message: 'transaction-ended', reason: 'of no transaction', record },
})

async function take(payload: Buffer | string): Promise<void> {
  const decoded = await decodeBatch(Buffer.from(payload))
  if (!decoded.ok) throw new TypeError(decoded.detail)
  sent.push({ header: decoded.header, records: decoded.records })
}

function upload(head: number, more: { heard?: () => number; window?: number; bytes?: number } = {}): Upload {
  const wire = {
    publish: (_name: string, payload: Buffer | string) => {
      looking = looking.then(() => take(payload))
      return looking
    },
    drained: async () => undefined,
    lastReceived: () => monotonic(more.heard?.() ?? clock.monotonic()),
  }
  const up = new Upload({
    ...{ depot: 'dep-7', epoch: EPOCH, bootId: 'boot', factLog, clock, log: quiet, wire, from: ZERO, head },
    limits: { window: more.window ?? 8, max_bytes: more.bytes ?? 262_144, min_interval_ms: 50 },
    onAcked: (seq) => told.push(`acked ${seq}`),
    onOverdue: (overdue) => told.push(overdue ?? 'on time'),
    onStopped: (reason) => told.push(`stopped: ${reason}`),
    onDead: (reason) => told.push(`dead: ${reason}`),
  })
  up.start()
  return up
}

const ranges = () => sent.map(({ header }) => `${header.from}-${header.to}`)
/** Waits for the `n`th batch; the pause between batches passes meanwhile. */
async function sending(n: number): Promise<void> {
  await expect
    .poll(() => {
      if (sent.length < n) clock.advance(milliseconds(50))
      return sent.length
    })
    .toBeGreaterThanOrEqual(n)
}

const ack = async (seq: number, more: Partial<Ack> = {}): Promise<Ack> => ({
  ...{
    proto: 1,
    epoch: EPOCH,
    lane: 'facts',
    seq,
    hash: (await factLog.hashAt(seq)) ?? '',
    want: [],
    quarantined: [],
  },
  server_time: '2026-11-21T18:00:00.000Z',
  ...more,
})

describe('the upload', () => {
  test('keeps no more batches under way than the window, and goes on as they are acknowledged', async () => {
    const up = upload(await append(1700), { window: 2 })
    await sending(2)
    const read = vi.spyOn(factLog, 'read')
    clock.advance(seconds(1))
    await new Promise(setImmediate)
    expect(read).not.toHaveBeenCalled()
    expect(ranges()).toEqual(['1-500', '501-1000'])
    await up.acknowledged(await ack(500))
    await sending(3)
    expect(ranges().at(-1)).toBe('1001-1500')
    await up.acknowledged(await ack(1500))
    await sending(4)
    expect(ranges().at(-1)).toBe('1501-1700')
    expect((await factLog.head()).acked).toBe(1500)
    up.stop()
  })

  test('gathers facts for a quarter of a second', async () => {
    const up = upload(0)
    up.committed(await append(2))
    clock.advance(milliseconds(249))
    up.committed(await append(3))
    expect(sent).toEqual([])
    clock.advance(milliseconds(1))
    await sending(1)
    expect(ranges()).toEqual(['1-5'])
    up.stop()
  })

  test('sends again what is not acknowledged in 10 s, more patiently each time, and says since when', async () => {
    const up = upload(await append(3))
    await sending(1)
    clock.advance(seconds(10))
    await sending(2)
    expect(told).toEqual(['not acknowledged for 10 s'])
    expect(sent.map(({ header }) => header.resend)).toEqual([false, true])
    expect(new Set(sent.map(({ header }) => header.batch)).size).toBe(2)
    clock.advance(seconds(19))
    expect(told).toHaveLength(1)
    clock.advance(seconds(2))
    expect(told.at(-1)).toBe('not acknowledged for 20 s')
    await sending(3)
    await up.acknowledged(await ack(3))
    expect(told.slice(-2)).toEqual(['on time', 'acked 3'])
    up.stop()
  })

  test('F03: gives the connection up when nothing at all came for 30 s', async () => {
    const up = upload(await append(3), { heard: () => 0 })
    await sending(1)
    for (let s = 0; s < 31; s++) clock.advance(seconds(1))
    expect(told.at(-1)).not.toContain('dead')
    await sending(2)
    for (let s = 0; s < 21; s++) clock.advance(seconds(1))
    expect(told.some((line) => line.startsWith('dead'))).toBe(true)
    up.stop()
  })

  test('stops when the cloud acknowledges what this log does not hold', async () => {
    const up = upload(await append(3))
    await up.acknowledged(await ack(3, { hash: '0'.repeat(64) }))
    expect(told.at(-1)).toContain('stopped: the cloud acknowledged fact 3')
    const other = upload(3)
    await other.acknowledged(await ack(9, { hash: '0'.repeat(64) }))
    expect(told.at(-1)).toContain('fact 9')
    expect((await factLog.head()).acked).toBe(0)
  })

  test('ignores an acknowledgement below the cursor', async () => {
    const up = upload(await append(3))
    await up.acknowledged(await ack(3))
    await up.acknowledged(await ack(1, { hash: '0'.repeat(64) }))
    expect(told.filter((line) => line.startsWith('stopped'))).toEqual([])
    up.stop()
  })

  test('goes back to what the cloud wants', async () => {
    const up = upload(await append(900))
    await sending(2)
    await up.acknowledged(await ack(0, { want: [{ from: 1, to: 500 }] }))
    await sending(4)
    expect(ranges()).toEqual(['1-500', '501-900', '1-500', '501-900'])
    up.refused({ code: 'gap', expected: 501 })
    await sending(5)
    expect(ranges().at(-1)).toBe('501-900')
    up.stop()
  })

  test('Y10: narrows a batch the cloud cannot read down to one record, and sends that as a stub', async () => {
    const up = upload(await append(4), { window: 1 })
    const refuse = () => {
      const { from, to } = sent.at(-1)?.header ?? { from: 0, to: 0 }
      up.refused({ code: 'bad-batch', from, to, reason: 'parse', detail: 'x' })
    }
    for (const range of ['1-4', '1-4']) {
      await sending(sent.length + 1)
      expect(ranges().at(-1)).toBe(range)
      refuse()
    }
    for (let tries = 0; sent.at(-1)?.header.to !== 1 && tries < 12; tries++) {
      await sending(sent.length + 1)
      refuse()
    }
    await expect
      .poll(() => {
        clock.advance(milliseconds(50))
        return sent.at(-1)?.records[0]?.stub
      })
      .toMatchObject({ seq: 1, poison: true })
    expect(sent.at(-1)?.header.hash).toBe(await factLog.hashAt(1))
    await up.acknowledged(await ack(1))
    await expect
      .poll(() => {
        clock.advance(milliseconds(50))
        return ranges().at(-1)
      })
      .toMatch(/^2-/)
    up.stop()
  })

  test.each([
    ['of 1.1 MB that would compress well', JSON.stringify({ x: '"}'.repeat(238_000) })],
    ['of 300 kB that do not compress', randomBytes(150_000).toString('hex')],
    ['just above the limit of a record', 'x'.repeat(65_536)],
  ])('sends a lone record %s as a stub at once, and goes on behind it', async (_size, record) => {
    const told = vi.spyOn(quiet, 'error')
    const head = await factLog.append(batch(connected('A-01', 1), orphan(record), connected('A-01', 2)))
    const up = upload(head)
    await expect
      .poll(() => {
        clock.advance(milliseconds(50))
        return sent.flatMap(({ records }) => records.map(({ seq, stub }) => [seq, stub?.poison ?? false]))
      })
      .toEqual([
        [1, false],
        [2, true],
        [3, false],
      ])
    expect(sent.at(-1)?.header.hash).toBe(await factLog.hashAt(3))
    await up.acknowledged(await ack(3))
    expect((await factLog.head()).acked).toBe(3)
    expect(told.mock.calls).toEqual([[{ 'event.name': 'cloud-link.too-large', seq: 2 }, expect.any(String)]])
    up.stop()
  })

  test('sends a record that alone exceeds what the cloud takes at a time as a stub', async () => {
    const head = await factLog.append(
      batch(orphan(randomBytes(10_000).toString('hex')), connected('A-01', 1)),
    )
    const up = upload(head, { bytes: 4096 })
    await sending(1)
    expect(sent[0]?.records[0]?.stub).toMatchObject({ seq: 1, poison: true })
    up.stop()
  })

  test('rests while the cloud asks for it', async () => {
    const up = upload(0)
    up.refused({ code: 'slow-down', retry_after_ms: 5000 })
    up.committed(await append(1))
    clock.advance(milliseconds(250))
    clock.advance(milliseconds(4000))
    expect(sent).toEqual([])
    await sending(1)
    up.stop()
  })
})

describe('the cloud’s head', () => {
  const own = { epoch: as<never>(EPOCH), prevEpoch: null, seq: 10, hash: 'h10', acked: 5, floor: 4 }
  const held = { hashAt: async (seq: number) => (seq >= 4 ? `h${seq}` : null) }

  test.each([
    ['equal to the cursor: go on', { seq: 5, hash: 'h5' }, { go: 'on', from: 5, rewound: false }],
    [
      'ahead of the cursor, an acknowledgement was lost: go on from there',
      { seq: 8, hash: 'h8' },
      { go: 'on', from: 8, rewound: false },
    ],
    ['behind the cursor: send again', { seq: 4, hash: 'h4' }, { go: 'on', from: 4, rewound: true }],
    [
      'just below what is held: send all that is',
      { seq: 3, hash: 'h3' },
      { go: 'on', from: 3, rewound: true },
    ],
    ['below what is held: stop', { seq: 2, hash: 'h2' }, { go: 'stop' }],
    ['beyond our head: stop', { seq: 11, hash: 'h11' }, { go: 'stop' }],
    ['of another content: stop', { seq: 5, hash: 'other' }, { go: 'stop' }],
  ])('%s', async (_, cloud, expected) => {
    expect(await compareHeads(cloud, own, held)).toMatchObject(expected)
  })
})
