import type { Clock, Timer } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import { type Instant, type Monotonic, milliseconds } from '@busbar/units/time.ts'
import type { Random } from '../random.ts'
import {
  type FaultKind,
  isHappening,
  type MeterFault,
  type MeterFaultRequest,
  meterFaultShape,
} from './fault.ts'
import type { Request } from './framing.ts'
import { Strike } from './strike.ts'

export interface FaultNote {
  readonly at: Instant
  readonly id: string
  readonly kind: FaultKind
  readonly what: 'began' | 'struck' | 'ended'
  /** The unit whose request it struck. */
  readonly unit?: number
}

/** A fault in force. */
export interface InForce<F extends MeterFault = MeterFault> {
  readonly id: string
  readonly fault: F
  readonly since: Monotonic
}

export interface FaultBoardOptions {
  readonly clock: Clock
  readonly random: Random
  /** Why a fault cannot be injected here, or undefined. */
  readonly refuses: (fault: MeterFault) => string | undefined
  readonly began: (entry: InForce) => Promise<void> | void
  readonly ended: (entry: InForce) => Promise<void> | void
}

const KEPT_NOTES = 2000

/** What is wrong with a line now. Faults add up; each begins and ends by itself or when told. */
export class FaultBoard {
  readonly #options: FaultBoardOptions
  readonly #entries = new Map<string, { entry?: InForce; timer?: Timer; asked: number }>()
  readonly #notes: FaultNote[] = []
  #last = 0

  constructor(options: FaultBoardOptions) {
    this.#options = options
  }

  /**
   * Resolves with the fault's id when it is in force, or at once when it begins later.
   * @throws DepotError `simulator.fault` when there is no such fault or it makes no sense on this line
   */
  async add(request: MeterFaultRequest): Promise<string> {
    const read = meterFaultShape.safeParse(request)
    const reason = read.success ? this.#options.refuses(read.data) : read.error.issues.map(told).join('; ')
    if (!read.success || reason !== undefined)
      throw new DepotError('simulator.fault', `fault "${String(Object(request).kind)}": ${reason}`)
    const fault = read.data
    this.#last += 1
    const id = `fault-${this.#last}`
    this.#entries.set(id, { asked: 0 })
    if (!fault.afterMs) await this.#begin(id, fault)
    else this.#at(id, fault.afterMs, () => this.#begin(id, fault))
    return id
  }

  /** Ends what is in force and injects this instead; `none` only ends. */
  async set(request: MeterFaultRequest | { readonly kind: 'none' }): Promise<void> {
    await this.clear()
    if (request.kind !== 'none') await this.add(request)
  }

  async end(id: string): Promise<void> {
    const found = this.#entries.get(id)
    this.#entries.delete(id)
    found?.timer?.cancel()
    if (!found?.entry) return
    this.#note(found.entry, 'ended')
    await this.#options.ended(found.entry)
  }

  async clear(): Promise<void> {
    for (const id of [...this.#entries.keys()]) await this.end(id)
  }

  /** Those in force, oldest first. */
  inForce(): readonly InForce[] {
    return [...this.#entries.values()].flatMap(({ entry }) => (entry ? [entry] : []))
  }

  /** The last few thousand notes of what was injected, oldest first. */
  log(): readonly FaultNote[] {
    return this.#notes
  }

  /** The faults that strike a request. */
  strike({ unit, body }: Pick<Request, 'unit' | 'body'>): Strike {
    const hit: InForce[] = []
    for (const state of this.#entries.values()) {
      const { entry } = state
      if (!entry || (entry.fault.unit !== undefined && entry.fault.unit !== unit)) continue
      if (entry.fault.kind === 'exception' && !touches(body, entry.fault.registers)) continue
      state.asked += 1
      const { every, rate } = entry.fault
      if (every !== undefined && state.asked % every !== 0) continue
      if (rate !== undefined && this.#options.random.next() >= rate) continue
      hit.push(entry)
      this.#note(entry, 'struck', unit)
    }
    return new Strike(hit)
  }

  async #begin(id: string, fault: MeterFault): Promise<void> {
    const state = this.#entries.get(id)
    if (!state) return
    const entry: InForce = { id, fault, since: this.#options.clock.monotonic() }
    this.#note(entry, 'began')
    if (isHappening(fault)) this.#entries.delete(id)
    else state.entry = entry
    if (fault.forMs !== undefined && !isHappening(fault)) this.#at(id, fault.forMs, () => this.end(id))
    await this.#options.began(entry)
  }

  #at(id: string, afterMs: number, run: () => Promise<void>): void {
    const state = this.#entries.get(id)
    if (state) state.timer = this.#options.clock.timer(milliseconds(afterMs), () => void run())
  }

  #note({ id, fault: { kind } }: InForce, what: FaultNote['what'], unit?: number): void {
    this.#notes.push({
      at: this.#options.clock.now(),
      id,
      kind,
      what,
      ...(unit !== undefined && { unit }),
    })
    if (this.#notes.length > KEPT_NOTES) this.#notes.shift()
  }
}

const told = ({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }) =>
  path.length > 0 ? `${path.join('.')}: ${message}` : message

/** Whether a read asks for any of these registers. */
function touches(body: Buffer, registers: readonly [number, number] | undefined): boolean {
  if (!registers) return true
  if (body.length < 5) return false
  const first = body.readUInt16BE(1)
  return first <= registers[1] && first + body.readUInt16BE(3) > registers[0]
}
