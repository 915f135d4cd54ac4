import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { BatchHeader } from './batch.ts'
import { decodeBatch, encodeBatch } from './batch-codec.ts'
import { chainNext, chainStart } from './chain.ts'
import { SYNC_LIMITS } from './version.ts'

const epoch = '01939c5e-0000-7000-8000-000000000001'
const start = chainStart(epoch)

const line = (seq: number, more: object = {}) =>
  JSON.stringify({ seq, type: 'Anything', text: 'Depot Süd', ...more })
const chain = (lines: readonly string[]) => lines.reduce((hash, text) => chainNext(hash, text), start)

const header = (lines: readonly string[], more: Partial<BatchHeader> = {}): BatchHeader => ({
  ...{
    proto: 1,
    lane: 'facts',
    depot_id: 'dep-7',
    epoch,
    boot_id: 'boot',
    batch: 'boot/1',
    from: 1,
    to: lines.length,
  },
  ...{
    prev_hash: start,
    hash: chain(lines),
    head: lines.length,
    resend: false,
    sent_at: '2026-11-21T18:00:00.000Z',
  },
  ...more,
})

const lines = [line(1), line(2, { odd: '\u0000' }), line(3)]

describe('a batch', () => {
  test('gives back each record as it was, with its chain value', async () => {
    const decoded = await decodeBatch(await encodeBatch(header(lines), lines))
    expect(decoded.ok && decoded.records.map((record) => record.line)).toEqual(lines)
    expect(decoded.ok && decoded.records.map((record) => record.hash)).toEqual(
      [1, 2, 3].map((n) => chain(lines.slice(0, n))),
    )
  })

  test('is compressed when that pays, and its first byte says so', async () => {
    const many = Array.from({ length: 500 }, (_, n) => line(n + 1))
    const packed = await encodeBatch(header(many), many)
    expect([packed[0], packed[1]]).toEqual([0x1f, 0x8b])
    expect((await decodeBatch(packed)).ok).toBe(true)
    expect((await encodeBatch(header([]), []))[0]).toBe('{'.charCodeAt(0))
  })

  test('with a stub keeps its chain by the hash the stub brings', async () => {
    const stub = JSON.stringify({ seq: 2, poison: true, hash: chain(lines.slice(0, 2)) })
    const decoded = await decodeBatch(await encodeBatch(header(lines), [line(1), stub, line(3)]))
    expect(decoded.ok && decoded.records.map((record) => record.stub?.seq)).toEqual([undefined, 2, undefined])
  })
})

describe('a batch is refused', () => {
  const cases: readonly [string, string, () => Promise<Uint8Array> | Uint8Array][] = [
    ['a gzip bomb', 'too-large', () => gzipSync(Buffer.alloc(50_000_000))],
    ['broken gzip', 'decompress', () => Buffer.from([0x1f, 0x8b, 1, 2, 3])],
    ['more compressed bytes than allowed', 'too-large', () => Buffer.alloc(SYNC_LIMITS.batchBytes + 1, 'x')],
    ['no header', 'schema', () => Buffer.from('[]')],
    ['an empty message', 'schema', () => Buffer.alloc(0)],
    ['a missing record', 'schema', () => encodeBatch(header(lines), lines.slice(1))],
    ['a record with another number', 'parse', () => encodeBatch(header(lines), [line(1), line(7), line(3)])],
    ['a record that is no JSON', 'parse', () => encodeBatch(header(lines), [line(1), '{"seq":2,', line(3)])],
    ['an altered record', 'hash', () => encodeBatch(header(lines), [line(1), line(2), line(3)])],
    [
      'an oversize record',
      'too-large',
      () => encodeBatch(header(lines), [line(1), line(2, { x: 'x'.repeat(70_000) }), line(3)]),
    ],
    [
      'more than 500 records',
      'too-large',
      () => {
        const many = Array.from({ length: 501 }, (_, n) => line(n + 1))
        return encodeBatch(header(many), many)
      },
    ],
  ]
  test.each(cases)('for %s', async (_, fault, make) => {
    const decoded = await decodeBatch(await make())
    expect(decoded).toMatchObject({ ok: false, fault })
  })

  test('for bytes that are no UTF-8', async () => {
    const text = [JSON.stringify(header(lines)), ...lines].join('\n')
    const bytes = Buffer.from(text.replace('Depot', '\xff\xfe'), 'latin1')
    expect(await decodeBatch(bytes)).toMatchObject({ ok: false, fault: 'parse' })
  })
})
