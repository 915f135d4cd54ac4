import type { LinearProgram } from '../ports/planner.ts'
import { type PlanProblem, type PlanVehicle, perWatt, SLOT_H, taper } from './plan-problem.ts'
import { ProgramBuilder, type Term } from './program-builder.ts'

/** Energy short of the need costs this much more for each tier above the last; tiers beyond the fourth are alike. */
const TIER_WEIGHT = [1000, 100, 10, 1] as const
/** Later is this much dearer per slot and kWh, so that of plans that cost the same the earliest is taken. */
const LATER = 1e-6
/** Shortfalls of an earlier solve may be passed by this, kWh: a solver's own rounding. */
const SLACK_KWH = 1e-4

export const tierWeight = (tier: number): number => TIER_WEIGHT[Math.min(tier, 4) - 1] ?? 1

/** What a solve is after. `ready` counts vehicles whole, and is for those that tell apart too little by energy. */
export type PlanAim =
  | { readonly kind: 'shortfall' }
  | { readonly kind: 'ready'; readonly among: ReadonlySet<number> }
  | { readonly kind: 'cost'; readonly shortKwh: readonly number[] }

/** A program and where a plan's numbers are in it, in kW and kWh. */
export interface PlanProgram {
  readonly program: LinearProgram
  /** Column of each vehicle's power in each of its slots. */
  readonly power: readonly (readonly number[])[]
  /** Column of each vehicle's shortfall. */
  readonly short: readonly number[]
}

/**
 * The plan as a program: in each quarter of an hour every row holds, a vehicle takes at most its best or what its taper
 * leaves, and what it does not get until its last slot is its shortfall.
 */
export function planProgram(problem: PlanProblem, aim: PlanAim): PlanProgram {
  const builder = new ProgramBuilder()
  const { vehicles } = problem
  const power = vehicles.map((vehicle) =>
    Array.from({ length: vehicle.slots }, (_, slot) =>
      builder.column({ upper: vehicle.bestW / 1000, cost: priceAt(problem, aim, slot) }),
    ),
  )
  const short = vehicles.map((vehicle, v) => builder.column(shortColumn(vehicle, aim, v)))
  vehicles.forEach((vehicle, v) => {
    const delivered = (power[v] ?? []).map((column) => ({ column, value: SLOT_H }))
    const need = vehicle.needWh / 1000
    builder.row([...delivered, { column: short[v] ?? 0, value: 1 }], { lower: need, upper: need })
    if (aim.kind === 'ready' && aim.among.has(v)) readyRow(builder, { vehicle, short: short[v] ?? 0 })
    taperRows(builder, vehicle, power[v] ?? [])
  })
  limitRows(builder, problem, power)
  if (aim.kind === 'cost') peakRows(builder, problem, power)
  return { program: builder.build(), power, short }
}

const priceAt = ({ prices }: PlanProblem, aim: PlanAim, slot: number): number =>
  SLOT_H * ((aim.kind === 'cost' ? (prices[slot] ?? prices.at(-1) ?? 0) : 0) + LATER * slot)

function shortColumn({ needWh, tier }: PlanVehicle, aim: PlanAim, v: number) {
  const most = aim.kind === 'cost' ? (aim.shortKwh[v] ?? 0) + SLACK_KWH : needWh / 1000
  const cost = aim.kind === 'cost' ? 0 : aim.kind === 'ready' ? 1e-3 : tierWeight(tier)
  return { upper: Math.min(most, needWh / 1000 + SLACK_KWH), cost }
}

/** Ready is all of the need or nothing: short ≤ need × (1 − ready). */
function readyRow(
  builder: ProgramBuilder,
  { vehicle, short }: { vehicle: PlanVehicle; short: number },
): void {
  const need = vehicle.needWh / 1000
  const ready = builder.column({ upper: 1, integer: true, cost: -tierWeight(vehicle.tier) })
  builder.row(
    [
      { column: short, value: 1 },
      { column: ready, value: need },
    ],
    { upper: need },
  )
}

/** With what it has taken by then as columns, so that each row stays short. */
function taperRows(builder: ProgramBuilder, vehicle: PlanVehicle, power: readonly number[]): void {
  const line = taper(vehicle)
  if (line === null) return
  let before: Term[] = []
  for (const column of power) {
    builder.row(
      [{ column, value: 1 }, ...before.map(({ column: taken }) => ({ column: taken, value: line.perWh }))],
      {
        upper: Math.max(0, line.atW / 1000),
      },
    )
    const taken = builder.column({})
    const plus = before.map((term) => ({ ...term, value: 1 }))
    builder.row([...plus, { column, value: SLOT_H }, { column: taken, value: -1 }], { lower: 0, upper: 0 })
    before = [{ column: taken, value: 1 }]
  }
}

/** Every row in every slot, where all its vehicles together could pass it. */
function limitRows(
  builder: ProgramBuilder,
  problem: PlanProblem,
  power: readonly (readonly number[])[],
): void {
  const terms = problem.rows.map((): { v: number; value: number; most: number }[] => [])
  problem.vehicles.forEach((vehicle, v) => {
    for (const c of vehicle.loads) {
      // kW on a column, A or kW on the row: mA per W is A per kW.
      const value = perWatt(c, { vehicle, duty: problem.rows[c.row]?.duty })
      if (value !== 0) terms[c.row]?.push({ v, value, most: (value * vehicle.bestW) / 1000 })
    }
  })
  const slots = Math.max(0, ...power.map(({ length }) => length))
  problem.rows.forEach(({ capacity }, row) => {
    const on = terms[row] ?? []
    if (on.reduce((sum, { most }) => sum + Math.max(0, most), 0) <= capacity / 1000) return
    for (let slot = 0; slot < slots; slot++) {
      const here = on.flatMap(({ v, value }): Term[] => {
        const column = power[v]?.[slot]
        return column === undefined ? [] : [{ column, value }]
      })
      if (here.length > 0) builder.row(here, { upper: Math.max(0, capacity) / 1000 })
    }
  })
}

/** What the grid's peak rises above the one that is paid. */
function peakRows(
  builder: ProgramBuilder,
  problem: PlanProblem,
  power: readonly (readonly number[])[],
): void {
  const { peak } = problem
  if (peak === null) return
  const above = builder.column({ cost: peak.pricePerKw })
  const slots = Math.max(0, ...power.map(({ length }) => length))
  const room = Math.max(0, peak.paidW - peak.baseW) / 1000
  for (let slot = 0; slot < slots; slot++) {
    const all = power.flatMap((columns): Term[] => {
      const column = columns[slot]
      return column === undefined ? [] : [{ column, value: 1 }]
    })
    builder.row([...all, { column: above, value: -1 }], { upper: room })
  }
}
