import { DepotError } from '@busbar/model/depot-error.ts'
import type { Solver } from '../../../adapters/planner/worker/solver.ts'
import { TAPER } from '../../../domain/scheduling/plan-problem.ts'
import { ProgramBuilder, type Term } from '../../../domain/scheduling/program-builder.ts'
import { type Bus, DC, isDown, MODULES, type NightDepot, QUARTER, STEP_H, STEPS } from './night-depot.ts'
import { basePeakW, feederLimitW } from './night-simulate.ts'

const SLOT_H = QUARTER * STEP_H
const SLOTS = STEPS / QUARTER
const SOLVE_S = 60
/** The solver's rounding, kWh. */
const SLACK_KWH = 1e-3

/** B5: the least shortfall that anyone could reach who knows the whole night, and the least cost with no more than that. */
export interface NightBound {
  readonly shortKwh: number
  readonly cost: number
  readonly peakKw: number
}

interface Column extends Term {
  readonly bus: Bus
  readonly slot: number
}

/**
 * B5 as two linear programs over quarters of an hour, set-points of any value, modules not dealt in lumps. The mean over
 * a quarter of whatever is done in steps fits them, so nobody can pass it.
 */
export function nightBound(depot: NightDepot, solve: Solver): NightBound {
  const shortOf = (most: number | null) => {
    const { builder, short, peak } = program(depot, most)
    const answer = solve(builder.build(), SOLVE_S)
    if (answer.kind === 'none' || !answer.optimal)
      throw new DepotError('bench.bound', 'no bound for the night')
    return {
      sum: short.reduce((sum, column) => sum + (answer.values[column] ?? 0), 0),
      answer,
      builder,
      peak,
    }
  }
  const first = shortOf(null)
  const { answer, builder, peak } = shortOf(first.sum)
  const { cost } = builder.build()
  return {
    shortKwh: first.sum,
    cost: cost.reduce((sum, price, column) => sum + price * (answer.values[column] ?? 0), 0),
    peakKw: basePeakW(depot) / 1000 + (answer.values[peak] ?? 0),
  }
}

/** For the least shortfall, or, with the most that it may be, for the least cost; in kW and kWh. */
function program(depot: NightDepot, mostShortKwh: number | null) {
  const builder = new ProgramBuilder()
  const ofCost = mostShortKwh !== null
  const columns = depot.buses.flatMap((bus) => columnsOf(builder, { depot, bus, ofCost }))
  const byBus = Map.groupBy(columns, ({ bus }) => bus)
  const short = depot.buses.map((bus) => {
    const column = builder.column({ cost: ofCost ? 0 : 1 })
    const own = byBus.get(bus) ?? []
    const terms = own.map((term) => ({ column: term.column, value: SLOT_H }))
    builder.row([...terms, { column, value: 1 }], { lower: bus.needWh / 1000, upper: bus.needWh / 1000 })
    taperRows(builder, bus, own)
    return column
  })
  if (ofCost)
    builder.row(
      short.map((column) => ({ column, value: 1 })),
      { upper: mostShortKwh + SLACK_KWH },
    )
  const peak = builder.column({ cost: ofCost ? depot.peakPrice : 0 })
  for (const [slot, here] of Map.groupBy(columns, (column) => column.slot)) {
    limitRows(builder, depot, here)
    const base = depot.baseW(slot * QUARTER)
    builder.row(here, { upper: (depot.gridW - base) / 1000 })
    builder.row([...here, { column: peak, value: -1 }], { upper: (basePeakW(depot) - base) / 1000 })
  }
  return { builder, short, peak }
}

/** Power of one bus in each quarter that it is there and has voltage for a part of; `value` is what the grid gives for it. */
function columnsOf(
  builder: ProgramBuilder,
  { depot, bus, ofCost }: { depot: NightDepot; bus: Bus; ofCost: boolean },
): Column[] {
  return Array.from({ length: SLOTS }, (_, slot) => slot).flatMap((slot) => {
    const steps = Array.from({ length: QUARTER }, (_, k) => slot * QUARTER + k).filter(
      (step) => step >= bus.arrival && step < bus.departure && !isDown(depot, bus, step),
    )
    const price = Math.min(...steps.map((step) => depot.price(step)))
    const upper = ((bus.bestW / 1000) * steps.length) / QUARTER
    const cost = ofCost ? (price * SLOT_H) / DC.efficiency : 0
    return steps.length === 0
      ? []
      : [{ bus, slot, column: builder.column({ upper, cost }), value: 1 / DC.efficiency }]
  })
}

/** Each feeder's current and each cabinet's modules, in one quarter. */
function limitRows(builder: ProgramBuilder, depot: NightDepot, here: readonly Column[]): void {
  for (const own of Map.groupBy(here, ({ bus }) => bus.feeder).values())
    builder.row(own, { upper: feederLimitW(depot) / 1000 })
  for (const own of Map.groupBy(here, ({ bus }) => bus.cabinet).values())
    builder.row(
      own.map(({ column }) => ({ column, value: 1 })),
      { upper: (MODULES.count * MODULES.powerW) / 1000 },
    )
}

/** power ≤ the taper's line at what it has taken before the quarter, which is a column so that rows stay short. */
function taperRows(builder: ProgramBuilder, bus: Bus, own: readonly Column[]): void {
  const perPct = (bus.bestW * (1 - TAPER.fullShare)) / (100 - TAPER.fromPct)
  const perWh = (perPct * 100) / bus.batteryWh
  const upper = (bus.bestW + perPct * (TAPER.fromPct - bus.socPct)) / 1000
  let before: number | null = null
  for (const { column } of own) {
    const taken: Term[] = before === null ? [] : [{ column: before, value: 1 }]
    builder.row([{ column, value: 1 }, ...taken.map((term) => ({ ...term, value: perWh }))], { upper })
    const after = builder.column({})
    builder.row([...taken, { column, value: SLOT_H }, { column: after, value: -1 }], { lower: 0, upper: 0 })
    before = after
  }
}
