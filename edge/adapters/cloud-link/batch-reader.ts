import type { BatchHeader, RecordStub } from '@busbar/contracts/sync/batch.ts'
import { encodeBatch } from '@busbar/contracts/sync/batch-codec.ts'
import { SYNC_LIMITS } from '@busbar/contracts/sync/version.ts'
import type { FactLog, LogRecord } from '../../domain/ports/fact-log.ts'

/** What every batch of this boot carries. */
export type BatchFrame = Omit<
  BatchHeader,
  'batch' | 'from' | 'to' | 'prev_hash' | 'hash' | 'head' | 'resend' | 'sent_at'
>
export type BatchDetails = Pick<BatchHeader, 'batch' | 'head' | 'resend' | 'sent_at' | 'prev_hash'>

/** Room in the uncompressed batch that the header may take. */
const HEADER_BYTES = 2048

/** Records after `after` that fit one batch before compression; empty when there are none. */
export async function readRecords(
  factLog: FactLog,
  after: number,
  records: number,
): Promise<readonly LogRecord[]> {
  const read = await factLog.read(after, Math.min(records, SYNC_LIMITS.records))
  let bytes = HEADER_BYTES
  const tooMany = read.findIndex((record) => {
    bytes += Buffer.byteLength(record.line) + 1
    return bytes > SYNC_LIMITS.rawBytes
  })
  return tooMany < 0 ? read : read.slice(0, Math.max(1, tooMany))
}

/** A batch ready to send, and which of its records go as stubs. */
export interface PackedBatch {
  readonly payload: Buffer
  readonly last: LogRecord
  readonly stubs: readonly number[]
}

/**
 * A batch of the first of `records`, as many as fit after compression. A record that the cloud would never take, being
 * too long or alone too large, goes as its stub, so that it does not hold up what follows.
 */
export async function packBatch(
  records: readonly LogRecord[],
  frame: BatchFrame & BatchDetails,
  options: { readonly bytes: number; readonly stubs: ReadonlySet<number> },
): Promise<PackedBatch | null> {
  const [first, last] = [records[0], records.at(-1)]
  if (!first || !last) return null
  const header = { ...frame, from: first.seq, to: last.seq, hash: last.hash }
  const stubbed = records.filter((record) => options.stubs.has(record.seq) || isTooLong(record))
  const lines = records.map((record) => (stubbed.includes(record) ? stubOf(record) : record.line))
  const payload = await encodeBatch(header, lines)
  const isLone = records.length === 1
  if (payload.length <= options.bytes || (isLone && stubbed.length === 1))
    return { payload, last, stubs: stubbed.map(({ seq }) => seq) }
  if (isLone) return packBatch(records, frame, { ...options, stubs: new Set([first.seq]) })
  return packBatch(records.slice(0, Math.ceil(records.length / 2)), frame, options)
}

const isTooLong = ({ line }: LogRecord): boolean => Buffer.byteLength(line) > SYNC_LIMITS.recordBytes

/** What goes instead of a record that the cloud cannot take whole: its place in the chain is kept. */
const stubOf = ({ seq, hash }: LogRecord): string =>
  JSON.stringify({ seq, poison: true, hash } satisfies RecordStub)
