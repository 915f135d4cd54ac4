import type { Clock } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import type { ClockQuality, Fact, FactOf, FactType, FactTypes, Subject } from '../domain/facts.ts'
import type { FactLog, RawSample } from '../domain/ports/fact-log.ts'
import type { HealthSink } from '../domain/ports/health-sink.ts'
import type { Memory } from './memory.ts'

/** Makes a fact of now, by our own clock. */
export type NewFact = <T extends FactType>(type: T, entity: Subject, data: FactTypes[T]) => FactOf<T>

/** Facts recorded while the store was busy; one append takes them all. */
interface Group {
  readonly facts: Fact[]
  readonly samples: RawSample[]
  readonly saved: Promise<void>
  readonly settle: { done(): void; failed(error: unknown): void }
}

/**
 * Applies facts to memory at once and hands them to the log, one group at a time: what the store refuses stays in
 * front of what came later, so that the log never tells an end before its start.
 */
export class Recorder {
  readonly #log: FactLog
  readonly #memory: Memory
  readonly #clock: Clock
  readonly #health: HealthSink
  readonly #quality: () => ClockQuality
  /** Refused by the store; they go first with the next group. */
  #unsaved: readonly Fact[] = []
  #gathering: Group | null = null
  #saving: Promise<void> | null = null

  constructor(log: FactLog, memory: Memory, clock: Clock, health: HealthSink, quality: () => ClockQuality) {
    this.#quality = quality
    this.#log = log
    this.#memory = memory
    this.#clock = clock
    this.#health = health
  }

  readonly fact: NewFact = (type, entity, data) => ({
    type,
    occurred_at: this.#clock.now(),
    clock: this.#quality(),
    entity,
    data,
  })

  /**
   * Resolves when these facts, and all before them, are on disk: a repeated message that causes no new fact still
   * waits for the facts of the first. Rejects when the store refused them; they stay and go with the next group.
   */
  record(facts: readonly Fact[], samples: readonly RawSample[] = []): Promise<void> {
    for (const fact of facts) this.#memory.apply(fact, this.#clock.now())
    const nothing = facts.length === 0 && samples.length === 0
    if (nothing && this.#gathering === null && this.#unsaved.length === 0)
      return this.#saving ?? Promise.resolve()
    this.#gathering ??= newGroup()
    const { saved } = this.#gathering
    this.#gathering.facts.push(...facts)
    this.#gathering.samples.push(...samples)
    this.#next()
    return saved
  }

  /** For facts that nobody waits for; a failure is told to the health sink. */
  note(facts: readonly Fact[], samples: readonly RawSample[] = []): void {
    this.record(facts, samples).catch(() => undefined)
  }

  /** Tries again what the store refused. */
  retry(): void {
    if (this.#unsaved.length > 0) this.note([])
  }

  /** Facts waiting for a store that refused them. */
  get unsaved(): number {
    return this.#unsaved.length
  }

  /** Whether something is on its way to disk. */
  get underway(): boolean {
    return this.#saving !== null || this.#gathering !== null
  }

  #next(): void {
    if (this.#saving !== null || this.#gathering === null) return
    const group = this.#gathering
    this.#gathering = null
    const facts = [...this.#unsaved, ...group.facts]
    this.#saving = group.saved
    this.#log.append({ facts, samples: group.samples, recordedAt: this.#clock.now() }).then(
      () => {
        this.#unsaved = []
        this.#health.clear('store.failed')
        this.#ended(group.settle.done)
      },
      (error: unknown) => {
        this.#unsaved = facts
        const text = `The store does not take facts: ${messageOf(error)}`
        this.#health.raise({ code: 'store.failed', severity: 1, text })
        this.#ended(() => group.settle.failed(error))
      },
    )
  }

  #ended(settle: () => void): void {
    this.#saving = null
    this.#next()
    settle()
  }
}

function newGroup(): Group {
  const settle = { done: (): void => undefined, failed: (_error: unknown): void => undefined }
  const saved = new Promise<void>((resolve, reject) => {
    settle.done = resolve
    settle.failed = reject
  })
  saved.catch(() => undefined)
  return { facts: [], samples: [], saved, settle }
}
