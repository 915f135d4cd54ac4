import type { Filling } from './filling.ts'
import type { LoadTable } from './load-table.ts'
import type { Level } from './rows.ts'
import { nextStep, quantise } from './set-points.ts'
import { StepQueue } from './step-queue.ts'

/** What an EVSE does: waits for the water, rises with it, goes on by single steps since a row was full, or is done. */
const STATES = { waits: 0, rises: 1, steps: 2, done: 3 } as const

/**
 * Water that rises for all together, from event to event. One begins to rise; reaches its cap; a row is full, and those
 * who load it go back to their set-point and ask from now on for whole steps, each when the water is there. Numbers are
 * not whole here: loads are rounded up later.
 */
export class Water {
  readonly #table: LoadTable
  readonly #filling: Filling
  readonly #lumps: boolean
  /** Per row: room, how fast it goes, when both were true, and when the row is full. */
  readonly #room: Float64Array
  readonly #speed: Float64Array
  readonly #since: Float64Array
  readonly #full: Float64Array
  readonly #state: Uint8Array
  readonly #reached: Float64Array
  readonly #steps: StepQueue
  /** The row at which each was frozen; −1 for none. */
  readonly frozenAt: Int32Array
  /** The row that is full first; −1 where it has to be looked for. */
  #first = -1

  /** @param of.lumps false leaves out rows that are dealt in lumps */
  constructor(table: LoadTable, filling: Filling, of: { lumps: boolean }) {
    this.#table = table
    this.#filling = filling
    this.#lumps = of.lumps
    const rows = table.left.length
    this.#room = table.left.slice()
    this.#speed = new Float64Array(rows)
    this.#since = new Float64Array(rows)
    this.#full = new Float64Array(rows).fill(Number.POSITIVE_INFINITY)
    this.#state = new Uint8Array(table.evses.length)
    this.#steps = new StepQueue(table.evses.length)
    this.frozenAt = new Int32Array(table.evses.length).fill(-1)
    this.#reached = table.levels.map((level, i) => table.counted(i, level))
  }

  /** @returns the level that each reaches, by place in the table */
  rise(): Float64Array {
    const { who, cap } = this.#filling
    const rising = who.filter((i) => (cap[i] ?? 0) > (this.#reached[i] ?? 0) && this.#rate(i) > 0)
    const begin = Float64Array.from(this.#reached, (level, i) => level / this.#rate(i))
    const end = Float64Array.from(cap, (level, i) => level / this.#rate(i))
    const begins = Int32Array.from(rising).sort((a, b) => (begin[a] ?? 0) - (begin[b] ?? 0))
    const ends = Int32Array.from(rising).sort((a, b) => (end[a] ?? 0) - (end[b] ?? 0))
    const never = Number.POSITIVE_INFINITY
    for (let [b, e] = [0, 0]; ; ) {
      const atBegin = begin[begins[b] ?? -1] ?? never
      const atEnd = end[ends[e] ?? -1] ?? never
      const atStep = this.#steps.water
      const atFull = this.#firstFull()
      const water = Math.min(atBegin, atEnd, atStep, atFull)
      if (water === never) return this.#reached
      if (atFull === water) this.#freeze(this.#first, water)
      else if (atStep === water) this.#step(water)
      else if (atBegin === water) this.#start(begins[b++] ?? 0, water)
      else this.#stop(ends[e++] ?? 0, water)
    }
  }

  #rate(i: number): number {
    return this.#filling.rate[i] ?? 1
  }

  #start(i: number, water: number): void {
    this.#state[i] = STATES.rises
    this.#turn(i, { speed: this.#rate(i), room: 0 }, water)
  }

  #stop(i: number, water: number): void {
    if (this.#state[i] !== STATES.rises) return
    this.#state[i] = STATES.done
    this.#reached[i] = this.#filling.cap[i] ?? 0
    this.#turn(i, { speed: -this.#rate(i), room: 0 }, water)
  }

  /** Those who load a full row go back to their set-point. */
  #freeze(row: number, water: number): void {
    const { starts, indices } = this.#table.evsesOn
    let frozen = 0
    for (let k = starts[row] ?? 0; k < (starts[row + 1] ?? 0); k++) {
      const i = indices[k] ?? 0
      if (this.#state[i] !== STATES.rises || !this.#loads(i, row)) continue
      this.#toSteps(i, water)
      this.frozenAt[i] = row
      frozen++
    }
    // Whatever rounding left of its speed: a row that nobody loads any more fills no further.
    if (frozen === 0) this.#full[row] = Number.POSITIVE_INFINITY
    this.#first = -1
  }

  #toSteps(i: number, water: number): void {
    const evse = this.#table.evses[i]
    if (evse === undefined) return
    const level = Math.min(this.#filling.cap[i] ?? 0, water * this.#rate(i))
    const kept = Math.max(this.#reached[i] ?? 0, quantise(evse, Math.floor(level + 1e-6)))
    this.#state[i] = STATES.steps
    this.#reached[i] = kept
    this.#turn(i, { speed: -this.#rate(i), room: level - kept }, water)
    this.#ask(i)
  }

  #ask(i: number): void {
    const next = this.#next(i)
    if (next <= (this.#filling.cap[i] ?? 0)) this.#steps.push(i, next / this.#rate(i))
    else this.#state[i] = STATES.done
  }

  #next(i: number): Level {
    const evse = this.#table.evses[i]
    if (evse === undefined) return Number.POSITIVE_INFINITY
    return nextStep(evse, quantise(evse, this.#reached[i] ?? 0))
  }

  /** The next whole step of the first who asks, if every row has room for it. */
  #step(water: number): void {
    const i = this.#steps.pop() ?? 0
    const next = this.#next(i)
    const more = next - (this.#reached[i] ?? 0)
    const row = this.#short(i, more, water)
    if (row >= 0) {
      this.frozenAt[i] = row
      this.#state[i] = STATES.done
      return
    }
    this.#reached[i] = next
    this.#turn(i, { speed: 0, room: -more }, water)
    this.#ask(i)
  }

  /** The first row without room for this much more; −1 for none. */
  #short(i: number, more: number, water: number): number {
    const { starts, indices } = this.#table.rowsOf
    for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++) {
      const need = more * this.#factor(k)
      const row = indices[k] ?? 0
      const room = (this.#room[row] ?? 0) - (this.#speed[row] ?? 0) * (water - (this.#since[row] ?? 0))
      if (need > 0 && need > room) return row
    }
    return -1
  }

  #loads(i: number, row: number): boolean {
    const { starts, indices } = this.#table.rowsOf
    for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++)
      if (indices[k] === row && this.#factor(k) > 0) return true
    return false
  }

  #factor(k: number): number {
    return this.#lumps || this.#table.lumps[k] === 0 ? (this.#table.factors[k] ?? 0) : 0
  }

  /** The rows under an EVSE fill faster or slower from now on, or get room back. */
  #turn(i: number, change: { speed: number; room: number }, water: number): void {
    const { starts, indices } = this.#table.rowsOf
    for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++) {
      const factor = this.#factor(k)
      if (factor === 0) continue
      const row = indices[k] ?? 0
      const speed = this.#speed[row] ?? 0
      const gone = speed * (water - (this.#since[row] ?? 0))
      this.#room[row] = (this.#room[row] ?? 0) - gone + change.room * factor
      this.#since[row] = water
      this.#speed[row] = speed + change.speed * factor
      this.#refill(row, water)
    }
  }

  #refill(row: number, water: number): void {
    const [room, speed] = [this.#room[row] ?? 0, this.#speed[row] ?? 0]
    const full = speed > 1e-9 ? water + Math.max(0, room) / speed : Number.POSITIVE_INFINITY
    this.#full[row] = full
    if (row === this.#first) this.#first = -1
    else if (this.#first >= 0 && full < (this.#full[this.#first] ?? 0)) this.#first = row
  }

  #firstFull(): number {
    if (this.#first < 0) {
      let first = 0
      const full = this.#full
      for (let row = 1; row < full.length; row++) if ((full[row] ?? 0) < (full[first] ?? 0)) first = row
      this.#first = first
    }
    return this.#full[this.#first] ?? Number.POSITIVE_INFINITY
  }
}
