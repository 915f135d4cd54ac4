import type { Clock } from '@busbar/model/clock.ts'
import { type Duration, type Monotonic, milliseconds } from '@busbar/units/time.ts'
import { type Endpoint, numbersAnswers } from './endpoint.ts'
import { LateAnswers } from './late-answers.ts'
import type { ModbusBus } from './modbus-bus.ts'
import { failure, type ModbusFailure, type ModbusReply } from './modbus-result.ts'
import type { Block } from './plan-reads.ts'
import { UnitBreaker } from './unit-breaker.ts'

const GAP_MS = 30
const TCP_DEADLINE_MS = 1000
const SERIAL_DEADLINE_MS = 500

export interface UnitOptions {
  readonly bus: ModbusBus
  readonly clock: Clock
  readonly endpoint: Endpoint
  readonly unit: number
  readonly first: boolean
  /** Whether others wait for the line. */
  readonly shared: boolean
  readonly minGapMs?: number | undefined
  readonly deadline?: Duration | undefined
}

type Result = ModbusReply | ModbusFailure

/** Puts a request, once. */
export type Ask = (block: Block) => Promise<ModbusReply | ModbusFailure>

/** One unit on a line: spared when it is dead, and never believed to answer what it was not asked. */
export class ModbusUnit {
  readonly #options: UnitOptions
  readonly #breaker: UnitBreaker | undefined
  readonly #late = new LateAnswers()
  #lastAnswer: Monotonic | undefined

  constructor(options: UnitOptions) {
    this.#options = options
    this.#breaker = options.shared ? new UnitBreaker(options.first) : undefined
  }

  /** Whether it was found dead and is only probed. */
  get isSpared(): boolean {
    return this.#breaker?.isOpen ?? false
  }

  /** Connections of the line so far. */
  get connections(): number {
    return this.#options.bus.connections
  }

  /** When it last answered anything at all. */
  get lastAnswer(): Monotonic | undefined {
    return this.#lastAnswer
  }

  /**
   * Makes sure of the unit before a scan: waits out its breaker and proves that no late answer is on its way.
   * @param probes small reads of different lengths
   * @param ask puts the one that is chosen
   * @returns why it cannot be asked now; undefined when it can
   */
  async ready(probes: readonly Block[], ask: Ask): Promise<ModbusFailure | undefined> {
    const now = this.#options.clock.monotonic()
    const wait = this.#breaker?.waitFor(now) ?? 0
    if (wait > 0) return failure('timeout', `unit is silent; asked again in ${Math.ceil(wait)} ms`)
    const late = this.#late.expected(now)
    if (!late && !this.isSpared) return undefined
    const probe = late ? this.#late.proof(probes, now) : probes[0]
    if (!probe) return failure('timeout', 'answers to earlier requests may still come; not asked')
    const result = await ask(probe)
    if ('failed' in result) return result
    this.#late.settled()
    return undefined
  }

  /** One request, once. @param startBy of the first of a scan: dropped when its turn comes later */
  async read(block: Block, startBy?: Monotonic): Promise<Result> {
    const { bus, clock, endpoint, unit, first, minGapMs, deadline } = this.#options
    const usual = endpoint.kind === 'tcp' ? TCP_DEADLINE_MS : SERIAL_DEADLINE_MS
    const result = await bus.read({
      ...block,
      unit,
      first,
      yields: this.#breaker?.doubts ?? false,
      deadline: deadline ?? milliseconds(usual),
      minGap: milliseconds(minGapMs ?? GAP_MS),
      ...(startBy !== undefined && { startBy }),
    })
    const now = clock.monotonic()
    const failed = 'failed' in result ? result : undefined
    this.#breaker?.note(failed, now)
    if (!failed || failed.failed.startsWith('exception')) this.#lastAnswer = now
    const unanswered = failed && failed.failed !== 'busy'
    if (
      unanswered &&
      !numbersAnswers(endpoint) &&
      (this.#late.expected(now) || !failed.failed.startsWith('exception'))
    )
      this.#late.missed(block, now)
    return result
  }
}
