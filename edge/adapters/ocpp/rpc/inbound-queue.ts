import { hash } from 'node:crypto'
import type { CallFrame } from './frame.ts'

interface Waiting {
  readonly frame: CallFrame
  readonly key: string
  /** Identical messages that came before the answer left; each gets the same answer. */
  copies: number
}

/**
 * A station's calls, one at a time in the order they came. A message repeated while the first is in work, or a report
 * repeated after its answer, gets that answer again: same message id and same bytes on the same connection.
 */
export class InboundQueue {
  readonly #waiting: Waiting[] = []
  readonly #byKey = new Map<string, Waiting>()
  readonly #kept = new Map<string, string>()
  /** Keys of the answers kept, as a ring: a Map searches for its oldest past all that were deleted. */
  readonly #order: string[] = []
  #next = 0
  readonly #keep: number
  #current: Waiting | null = null

  constructor(keep: number) {
    this.#keep = keep
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get current(): CallFrame | null {
    return this.#current?.frame ?? null
  }

  /** Queues a call; answers with the text to repeat at once when this report has been answered already. */
  add(frame: CallFrame): 'queued' | 'joined' | { readonly repeat: string } {
    const key = `${frame.id}\n${hash('sha256', frame.text, 'base64')}`
    const kept = this.#kept.get(key)
    if (kept !== undefined) return { repeat: kept }
    const same = this.#byKey.get(key)
    if (same) {
      same.copies += 1
      return 'joined'
    }
    const waiting = { frame, key, copies: 0 }
    this.#waiting.push(waiting)
    this.#byKey.set(key, waiting)
    return 'queued'
  }

  /** The next call to work on; null while one is in work or none waits. */
  take(): CallFrame | null {
    if (this.#current) return null
    this.#current = this.#waiting.shift() ?? null
    return this.#current?.frame ?? null
  }

  /** Ends the call in work. @returns how often its answer is to be sent */
  finish(answer: string | null, keep: boolean): number {
    const done = this.#current
    if (!done) return 0
    this.#current = null
    this.#byKey.delete(done.key)
    if (answer === null) return 0
    if (keep) this.#remember(done.key, answer)
    return 1 + done.copies
  }

  /** Forgets what waits. @returns how many calls that were */
  clear(): number {
    for (const { key } of this.#waiting) this.#byKey.delete(key)
    return this.#waiting.splice(0).length
  }

  #remember(key: string, answer: string): void {
    const oldest = this.#order[this.#next]
    if (oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(key, answer)
    this.#order[this.#next] = key
    this.#next = (this.#next + 1) % this.#keep
  }
}
