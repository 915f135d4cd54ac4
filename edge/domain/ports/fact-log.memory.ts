import { DepotError } from '@busbar/model/depot-error.ts'
import type { Epoch } from '@busbar/model/ids.ts'
import { factLine, factText } from './fact-line.ts'
import type { Batch, FactLog, LogHead, LogRecord, RawSample } from './fact-log.ts'

/** SHA-256 of the bytes, lower-case hex; passed in, since the domain has no cryptography. */
export type Sha256 = (bytes: Uint8Array) => string

const utf8 = new TextEncoder()

/** The double of the fact log. `stall` and `fail` play the disk; `samples` shows what was kept. */
export class MemoryFactLog implements FactLog {
  readonly samples: RawSample[] = []
  readonly #epoch: Epoch
  readonly #hash: Sha256
  readonly #records: LogRecord[] = []
  readonly #listeners = new Set<(seq: number) => void>()
  readonly #waiting: (() => void)[] = []
  #acked = 0
  #stalled = false
  #failure: string | null = null

  constructor(epoch: Epoch, hash: Sha256) {
    this.#epoch = epoch
    this.#hash = hash
  }

  /** From here on appends wait, as on a disk that hangs. */
  stall(): void {
    this.#stalled = true
  }

  /** Commits what waited, in order. */
  resume(): void {
    this.#stalled = false
    for (const commit of this.#waiting.splice(0)) commit()
  }

  /** From here on appends are refused with this reason; null ends it. */
  fail(reason: string | null): void {
    this.#failure = reason
  }

  append(batch: Batch): Promise<number> {
    return new Promise((resolve, reject) => {
      const commit = () => {
        try {
          resolve(this.#commit(batch))
        } catch (thrown) {
          reject(thrown)
        }
      }
      if (this.#stalled) this.#waiting.push(commit)
      else commit()
    })
  }

  async read(after: number, limit: number): Promise<readonly LogRecord[]> {
    return this.#records.slice(after, after + limit)
  }

  async head(): Promise<LogHead> {
    const seq = this.#records.length
    return {
      epoch: this.#epoch,
      prevEpoch: null,
      seq,
      hash: this.#chainAt(seq),
      acked: this.#acked,
      floor: 1,
    }
  }

  async hashAt(seq: number): Promise<string | null> {
    return seq < 0 || seq > this.#records.length ? null : this.#chainAt(seq)
  }

  async acknowledge(seq: number): Promise<void> {
    if (seq > this.#records.length)
      throw new DepotError('store.failed', `acknowledged ${seq}, but the log ends at ${this.#records.length}`)
    this.#acked = Math.max(this.#acked, seq)
  }

  onCommit(listener: (seq: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #commit(batch: Batch): number {
    if (this.#failure !== null) throw new DepotError('store.failed', this.#failure)
    const texts = batch.facts.map((fact) => factText(fact, batch.recordedAt))
    for (const text of texts) this.#add(text)
    this.samples.push(...batch.samples)
    const seq = this.#records.length
    if (texts.length > 0) for (const listener of this.#listeners) listener(seq)
    return seq
  }

  #add(text: string): void {
    const seq = this.#records.length + 1
    const line = factLine(seq, text)
    this.#records.push({ seq, line, hash: this.#chained(seq - 1, line) })
  }

  #chainAt(seq: number): string {
    return this.#records[seq - 1]?.hash ?? this.#hash(utf8.encode(this.#epoch))
  }

  #chained(before: number, line: string): string {
    const text = utf8.encode(line)
    const bytes = new Uint8Array(32 + text.length)
    const hex = this.#chainAt(before)
    for (let i = 0; i < 32; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
    bytes.set(text, 32)
    return this.#hash(bytes)
  }
}
