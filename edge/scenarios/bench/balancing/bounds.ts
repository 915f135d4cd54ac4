import { DepotError } from '@busbar/model/depot-error.ts'
import type { Solver } from '../../../adapters/planner/worker/solver.ts'
import { ProgramBuilder, type Term } from '../../../domain/scheduling/program-builder.ts'
import type { Network, PhasorLimit } from './network.ts'
import type { Stay, Workload } from './sessions.ts'
import { MET_KWH } from './simulate.ts'

/** Sides of the polygon around each limit's circle before cuts are added where a solution leaves it. */
const FIRST_SIDES = 6
const ROUNDS = 12
/** More stretches than this in one go take blocks of this many minutes instead, which loosens the bound a little. */
const MANY_STRETCHES = 300
const BLOCK_MIN = 15
/** How far outside its circle a solution may lie, of 1: the bound stays one, for the polygon is an outer one. */
const ENOUGH = 2e-4

/** The most energy that anyone could deliver who knows all that will come, and the most stays ready; each alone. */
export interface Bounds {
  readonly energyKwh: number
  readonly ready: number
}

/**
 * B3 and B4: linear programs over the whole workload, polygons around the limits, set-points of any value. Between two
 * arrivals or departures nothing changes, and limits are convex: one rate per vehicle in such a stretch is enough. Where
 * vehicles follow each other for days, whole blocks of time are taken instead, with the mean rate of who is there for a
 * part of one.
 */
export function bounds(network: Network, workload: Workload, solve: Solver): Bounds {
  let [energyKwh, ready] = [0, 0]
  for (const stays of islands(workload.stays)) {
    energyKwh += best(new Island(network, workload, stays), solve, 'energy')
    ready += best(new Island(network, workload, stays), solve, 'ready')
  }
  return { energyKwh, ready }
}

/** Stays that touch each other in time; nobody is there between two of them. */
function islands(stays: readonly Stay[]): Stay[][] {
  const found: Stay[][] = []
  let end = -1
  for (const stay of stays) {
    if (stay.arrival >= end) found.push([])
    found.at(-1)?.push(stay)
    end = Math.max(end, stay.departure)
  }
  return found
}

function best(island: Island, solve: Solver, aim: 'energy' | 'ready'): number {
  for (let round = 0; ; round++) {
    const answer = solve(island.program(aim), 120)
    if (answer.kind === 'none') throw new DepotError('bench.bound', `no bound: ${answer.reason}`)
    if (!island.cut(answer.values) || round === ROUNDS) return island.worth(answer.values, aim)
  }
}

interface Slot {
  readonly present: readonly { readonly stay: Stay; readonly column: number; readonly part: number }[]
}

class Island {
  readonly #network: Network
  readonly #periodMin: number
  readonly #stays: readonly Stay[]
  readonly #slots: Slot[] = []
  readonly #groups: readonly (readonly number[])[]
  /** Columns per stay, with hours × V / 1000. */
  readonly #energy = new Map<Stay, Term[]>()
  readonly #ready = new Map<Stay, number>()
  readonly #sums: number[][] = []
  /** Sides in use: limit, slot, angle. */
  readonly #sides: { limit: PhasorLimit; slot: number; angle: number }[] = []
  #columns = 0

  constructor(network: Network, { periodMin }: Workload, stays: readonly Stay[]) {
    this.#network = network
    this.#periodMin = periodMin
    this.#stays = stays
    this.#groups = groupsOf(network)
    const times = timesOf(stays, Math.round(BLOCK_MIN / periodMin))
    times.slice(0, -1).forEach((from, at) => {
      this.#addSlot(from, { until: times[at + 1] ?? from, hoursPerStep: periodMin / 60 })
    })
    for (const stay of stays) this.#ready.set(stay, this.#columns++)
    this.#slots.forEach((_, slot) => {
      this.#sums.push(this.#groups.map(() => this.#columns++))
      for (const limit of network.limits)
        for (const angle of firstAngles(limit)) this.#sides.push({ limit, slot, angle })
    })
  }

  #addSlot(from: number, { until, hoursPerStep }: { until: number; hoursPerStep: number }): void {
    const there = this.#stays.filter(({ arrival, departure }) => arrival < until && from < departure)
    const present = there.map((stay) => {
      const column = this.#columns++
      const volts = this.#network.evses[stay.evse]?.voltageV ?? 0
      const value = ((until - from) * hoursPerStep * volts) / 1000
      this.#energy.set(stay, [...(this.#energy.get(stay) ?? []), { column, value }])
      const part = (Math.min(until, stay.departure) - Math.max(from, stay.arrival)) / (until - from)
      return { stay, column, part }
    })
    this.#slots.push({ present })
  }

  program(aim: 'energy' | 'ready') {
    const builder = new ProgramBuilder()
    for (const { present } of this.#slots)
      for (const { stay, part } of present) builder.column({ upper: part * this.#mostA(stay) })
    for (const _ of this.#stays) builder.column({ upper: 1, cost: aim === 'ready' ? -1 : 0 })
    for (const sums of this.#sums) for (const _ of sums) builder.column({})
    for (const [stay, terms] of this.#energy) this.#aimAt(builder, { stay, terms, aim })
    this.#slots.forEach(({ present }, slot) => {
      this.#groups.forEach((group, at) => {
        const members = present.filter(({ stay }) => group.includes(stay.evse))
        const sum = { column: this.#sums[slot]?.[at] ?? 0, value: -1 }
        builder.row([...members.map(({ column }) => ({ column, value: 1 })), sum], { lower: 0, upper: 0 })
      })
    })
    for (const side of this.#sides) builder.row(this.#sideTerms(side), { upper: side.limit.limitA })
    return builder.build()
  }

  /** What 1 A from arrival to departure delivers. */
  #kwhPerA({ evse, arrival, departure }: Stay): number {
    return ((departure - arrival) * this.#periodMin * (this.#network.evses[evse]?.voltageV ?? 0)) / 60_000
  }

  #mostA({ evse, maxKw }: Stay): number {
    const of = this.#network.evses[evse]
    return of === undefined ? 0 : Math.min(of.maxA, (maxKw * 1000) / of.voltageV)
  }

  #aimAt(builder: ProgramBuilder, of: { stay: Stay; terms: Term[]; aim: 'energy' | 'ready' }): void {
    const { stay, terms, aim } = of
    builder.row(terms, { upper: stay.requestedKwh })
    const needed = Math.max(0, stay.requestedKwh - MET_KWH)
    const ready = this.#ready.get(stay) ?? 0
    const most = this.#mostA(stay) * this.#kwhPerA(stay)
    // One that cannot be met even alone counts 0, where a plain relaxation would count the share it can have.
    if (aim === 'ready')
      builder.row([...terms, { column: ready, value: most < needed ? -1e6 : -needed }], { lower: 0 })
    else for (const { column, value } of terms) builder.price(column, -value)
  }

  #sideTerms({ limit, slot, angle }: { limit: PhasorLimit; slot: number; angle: number }): Term[] {
    return this.#groups.map(([first = 0], at) => ({
      column: this.#sums[slot]?.[at] ?? 0,
      value: (limit.re[first] ?? 0) * Math.cos(angle) + (limit.im[first] ?? 0) * Math.sin(angle),
    }))
  }

  /** Adds a side where a solution lies outside a circle; false when none does. */
  cut(values: Float64Array): boolean {
    const before = this.#sides.length
    this.#slots.forEach((_, slot) => {
      for (const limit of this.#network.limits) {
        let [re, im] = [0, 0]
        this.#groups.forEach(([first = 0], at) => {
          const amps = values[this.#sums[slot]?.[at] ?? 0] ?? 0
          re += (limit.re[first] ?? 0) * amps
          im += (limit.im[first] ?? 0) * amps
        })
        if (Math.hypot(re, im) > limit.limitA * (1 + ENOUGH))
          this.#sides.push({ limit, slot, angle: Math.atan2(im, re) })
      }
    })
    return this.#sides.length > before
  }

  worth(values: Float64Array, aim: 'energy' | 'ready'): number {
    let sum = 0
    for (const [stay, terms] of this.#energy)
      if (aim === 'ready') sum += values[this.#ready.get(stay) ?? 0] ?? 0
      else for (const { column, value } of terms) sum += value * (values[column] ?? 0)
    return sum
  }
}

/** Where stretches begin: at each arrival and departure, or at whole blocks where those are too many. */
function timesOf(stays: readonly Stay[], block: number): readonly number[] {
  const changes = [...new Set(stays.flatMap((stay) => [stay.arrival, stay.departure]))].sort((a, b) => a - b)
  if (changes.length <= MANY_STRETCHES) return changes
  const [first = 0, last = 0] = [changes[0], changes.at(-1)]
  return Array.from({ length: Math.ceil((last - first) / block) + 1 }, (_, n) => first + n * block)
}

/** Along the sum's own line where all its phasors lie on one, else all around. */
function firstAngles({ re, im }: PhasorLimit): readonly number[] {
  const angles = Array.from(re, (real, place) => ({ real, imaginary: im[place] ?? 0 }))
    .filter(({ real, imaginary }) => Math.hypot(real, imaginary) > 1e-9)
    .map(({ real, imaginary }) => Math.atan2(imaginary, real))
  const [first = 0] = angles
  if (angles.every((angle) => Math.abs(angle - first) < 1e-9)) return [first]
  return Array.from({ length: FIRST_SIDES }, (_, side) => (2 * Math.PI * side) / FIRST_SIDES)
}

/** EVSEs that every limit counts alike, by index. */
function groupsOf({ evses, limits }: Network): number[][] {
  const groups = new Map<string, number[]>()
  evses.forEach((_, place) => {
    const key = limits.map(({ re, im }) => `${re[place]?.toFixed(9)},${im[place]?.toFixed(9)}`).join(';')
    groups.set(key, [...(groups.get(key) ?? []), place])
  })
  return [...groups.values()]
}
