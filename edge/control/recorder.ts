import type { Clock } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import type { Fact, FactOf, FactType, FactTypes, Subject } from '../domain/facts.ts'
import type { FactLog, RawSample } from '../domain/ports/fact-log.ts'
import type { HealthSink } from '../domain/ports/health-sink.ts'
import type { Memory } from './memory.ts'

/** Makes a fact of now, by our own clock. */
export type NewFact = <T extends FactType>(type: T, entity: Subject, data: FactTypes[T]) => FactOf<T>

/** Applies facts to memory at once and hands them to the log; the promise is the receipt's. */
export class Recorder {
  readonly #log: FactLog
  readonly #memory: Memory
  readonly #clock: Clock
  readonly #health: HealthSink
  #unsaved: Fact[] = []
  #tail: Promise<void> = Promise.resolve()

  constructor(log: FactLog, memory: Memory, clock: Clock, health: HealthSink) {
    this.#log = log
    this.#memory = memory
    this.#clock = clock
    this.#health = health
  }

  readonly fact: NewFact = (type, entity, data) => ({
    type,
    occurred_at: this.#clock.now(),
    clock: 'synced',
    entity,
    data,
  })

  /**
   * Resolves when these facts, and all before them, are on disk: a repeated message that causes no new fact still
   * waits for the facts of the first. Facts that the store refused stay in order and go with the next attempt.
   */
  record(facts: readonly Fact[], samples: readonly RawSample[] = []): Promise<void> {
    for (const fact of facts) this.#memory.apply(fact, this.#clock.now())
    if (facts.length === 0 && samples.length === 0 && this.#unsaved.length === 0) return this.#tail
    const batch = [...this.#unsaved, ...facts]
    this.#unsaved = []
    const saved = this.#save(batch, samples)
    this.#tail = saved
    saved.catch(() => undefined)
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

  async #save(facts: readonly Fact[], samples: readonly RawSample[]): Promise<void> {
    try {
      await this.#log.append({ facts, samples, recordedAt: this.#clock.now() })
      this.#health.clear('store.failed')
    } catch (error) {
      this.#unsaved = [...facts, ...this.#unsaved]
      this.#health.raise({
        code: 'store.failed',
        severity: 1,
        text: `The store does not take facts: ${messageOf(error)}`,
      })
      throw error
    }
  }
}
