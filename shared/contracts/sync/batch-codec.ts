import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { BatchHeader, RecordStub } from './batch.ts'
import { chainNext } from './chain.ts'
import { SYNC_LIMITS } from './version.ts'

const compress = promisify(gzip)
const decompress = promisify(gunzip)
const NEWLINE = 0x0a
/** Below this, compressing gains nothing. */
const PLAIN_BYTES = 512

/** One line of a batch: its exact text, chain value and parsed JSON. A stub has no line of its own in the log. */
export interface BatchRecord {
  readonly seq: number
  readonly line: string
  readonly hash: string
  readonly json: unknown
  readonly stub: RecordStub | null
}

export type BatchFault = 'decompress' | 'parse' | 'too-large' | 'schema' | 'hash'
export type DecodedBatch =
  | { readonly ok: true; readonly header: BatchHeader; readonly records: readonly BatchRecord[] }
  | {
      readonly ok: false
      readonly fault: BatchFault
      readonly detail: string
      readonly header: BatchHeader | null
    }

/** JSON text, compressed when that pays; the first byte tells which. */
export async function encodePayload(text: string): Promise<Buffer> {
  const plain = Buffer.from(text, 'utf8')
  return plain.length < PLAIN_BYTES ? plain : compress(plain)
}

/** The text of a payload, or why it cannot be had. Never more than `limit` bytes come out. */
export async function decodePayload(
  payload: Uint8Array,
  limit: number = SYNC_LIMITS.rawBytes,
): Promise<Buffer | BatchFault> {
  const buffer = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  if (buffer[0] !== 0x1f || buffer[1] !== 0x8b) return buffer.length > limit ? 'too-large' : buffer
  try {
    return await decompress(buffer, { maxOutputLength: limit })
  } catch (error) {
    return error instanceof RangeError ? 'too-large' : 'decompress'
  }
}

/** A batch ready to send. */
export const encodeBatch = (header: BatchHeader, lines: readonly string[]): Promise<Buffer> =>
  encodePayload([JSON.stringify(header), ...lines].join('\n'))

/** Reads a batch within the limits and proves its chain from `prev_hash` to `hash`. */
export async function decodeBatch(payload: Uint8Array): Promise<DecodedBatch> {
  if (payload.byteLength > SYNC_LIMITS.batchBytes)
    return fault('too-large', `${payload.byteLength} bytes compressed`)
  const text = await decodePayload(payload)
  if (!Buffer.isBuffer(text))
    return fault(text, `not readable as gzip or JSON within ${SYNC_LIMITS.rawBytes} bytes`)
  const lines = splitLines(text)
  const header = parseHeader(lines[0])
  if (!header) return fault('schema', 'the first line is no batch header')
  if (header.to < header.from || lines.length - 1 !== header.to - header.from + 1)
    return fault(
      'schema',
      `${lines.length - 1} records where ${header.from}..${header.to} was announced`,
      header,
    )
  if (lines.length - 1 > SYNC_LIMITS.records) return fault('too-large', `${lines.length - 1} records`, header)
  return readRecords(header, lines.slice(1))
}

function readRecords(header: BatchHeader, lines: readonly Buffer[]): DecodedBatch {
  const records: BatchRecord[] = []
  let hash: string = header.prev_hash
  for (const [index, bytes] of lines.entries()) {
    const seq = header.from + index
    if (bytes.length > SYNC_LIMITS.recordBytes)
      return fault('too-large', `record ${seq}: ${bytes.length} bytes`, header)
    const json = parseJson(bytes)
    if (!isNumbered(json, seq)) return fault('parse', `record ${seq} is not JSON with that number`, header)
    const stub = readStub(json)
    hash = stub ? stub.hash : chainNext(hash, bytes)
    records.push({ seq, line: bytes.toString('utf8'), hash, json, stub })
  }
  if (hash !== header.hash) return fault('hash', `chain ends in ${hash}, announced ${header.hash}`, header)
  return { ok: true, header, records }
}

function readStub(json: object): RecordStub | null {
  if (!('poison' in json) && !('pruned' in json)) return null
  const stub = RecordStub.safeParse(json)
  return stub.success ? stub.data : null
}

const isNumbered = (json: unknown, seq: number): json is object =>
  typeof json === 'object' && json !== null && 'seq' in json && json.seq === seq

function parseHeader(line: Buffer | undefined): BatchHeader | null {
  const header = BatchHeader.safeParse(line ? parseJson(line) : null)
  return header.success ? header.data : null
}

const strictText = new TextDecoder('utf-8', { fatal: true })

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(strictText.decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

function splitLines(text: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let start = 0
  for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
    lines.push(text.subarray(start, end))
    start = end + 1
  }
  if (start < text.length) lines.push(text.subarray(start))
  return lines
}

const fault = (kind: BatchFault, detail: string, header: BatchHeader | null = null): DecodedBatch => ({
  ok: false,
  fault: kind,
  detail,
  header,
})
