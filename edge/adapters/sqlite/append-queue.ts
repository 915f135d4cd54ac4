import type { Clock } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { Monotonic } from '@busbar/units/time.ts'
import type { Append, AppendItem } from './messages.ts'

/** Posts on their way: one that the worker commits and one that is there when it is done. */
const WINDOW = 2

interface Waiting {
  readonly facts: readonly string[]
  samples: AppendItem['samples']
  readonly recordedAt: AppendItem['recordedAt']
  readonly since: Monotonic
  readonly resolve: (seq: number) => void
  readonly reject: (reason: DepotError) => void
}
interface Posted {
  readonly post: number
  readonly items: readonly Waiting[]
}
interface QueueOptions {
  readonly clock: Clock
  /** Raw samples that may wait here before the oldest of them are let go. */
  readonly maxSamples: number
  readonly post: (append: Append) => void
}

/** Appends on their way to disk. Facts wait as long as they must; raw samples only up to a limit. */
export class AppendQueue {
  readonly #options: QueueOptions
  #waiting: Waiting[] = []
  /** Those of the waiting that hold samples, oldest first. */
  #withSamples: Waiting[] = []
  #samples = 0
  readonly #posted: Posted[] = []
  #posts = 0
  #facts = 0
  #head: number
  #dropped = 0
  #broken: string | null = null
  #onIdle: (() => void) | null = null

  constructor(head: number, options: QueueOptions) {
    this.#head = head
    this.#options = options
  }

  add({ facts, samples, recordedAt }: AppendItem): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#broken !== null) return reject(new DepotError('store.failed', this.#broken))
      const since = this.#options.clock.monotonic()
      const item: Waiting = { facts, samples, recordedAt, since, resolve, reject }
      this.#waiting.push(item)
      this.#facts += facts.length
      if (samples.length > 0) this.#withSamples.push(item)
      this.#samples += samples.length
      this.#flush()
      this.#thin()
    })
  }

  /** Everything up to post `through` is on disk, but for its samples when `samplesLost` says why. */
  committed(through: number, head: number, samplesLost: string | null): void {
    let seq = this.#head
    for (const item of this.#take(through)) {
      seq += item.facts.length
      if (samplesLost !== null) this.#dropped += item.samples.length
      if (samplesLost !== null && item.samples.length > 0 && item.facts.length === 0)
        item.reject(new DepotError('store.failed', samplesLost))
      else item.resolve(seq)
    }
    this.#head = head
    this.#flush()
  }

  /** Nothing of the posts up to `through` was kept. */
  failed(through: number, message: string): void {
    for (const item of this.#take(through)) item.reject(new DepotError('store.failed', message))
    this.#flush()
  }

  /** The worker is gone: nothing here will be kept, and nothing new either. */
  fail(message: string): void {
    this.#broken = message
    const waiting = this.#waiting
    this.#clear()
    for (const item of [...this.#take(this.#posts), ...waiting])
      item.reject(new DepotError('store.failed', message))
    this.#facts = 0
    this.#flush()
  }

  /** Resolves when nothing is on its way. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve
      this.#flush()
    })
  }

  get head(): number {
    return this.#head
  }

  get facts(): number {
    return this.#facts
  }

  get dropped(): number {
    return this.#dropped
  }

  get oldestSince(): Monotonic | null {
    return (this.#posted[0]?.items[0] ?? this.#waiting[0])?.since ?? null
  }

  #flush(): void {
    if (this.#waiting.length + this.#posted.length === 0) this.#onIdle?.()
    if (this.#posted.length >= WINDOW || this.#waiting.length === 0) return
    const items = this.#waiting
    this.#clear()
    const post = ++this.#posts
    this.#posted.push({ post, items })
    this.#options.post({
      kind: 'append',
      post,
      items: items.map(({ facts, samples, recordedAt }) => ({ facts, samples, recordedAt })),
    })
  }

  #clear(): void {
    this.#waiting = []
    this.#withSamples = []
    this.#samples = 0
  }

  #take(through: number): readonly Waiting[] {
    const taken: Waiting[] = []
    while (this.#posted[0] !== undefined && this.#posted[0].post <= through)
      taken.push(...(this.#posted.shift()?.items ?? []))
    for (const { facts } of taken) this.#facts -= facts.length
    return taken
  }

  #thin(): void {
    if (this.#samples <= this.#options.maxSamples) return
    const gone = new Set<Waiting>()
    // some more than needed, so that the queue is not walked for every append
    while (this.#samples > this.#options.maxSamples * 0.9) {
      const oldest = this.#withSamples.shift()
      if (oldest === undefined) break
      this.#samples -= oldest.samples.length
      this.#dropped += oldest.samples.length
      oldest.samples = []
      if (oldest.facts.length === 0) gone.add(oldest)
    }
    this.#waiting = this.#waiting.filter((item) => !gone.has(item))
    // nothing of it will be kept, so its sender must not be told that it is
    for (const item of gone)
      item.reject(new DepotError('store.failed', 'the disk is behind: raw samples were let go'))
  }
}
