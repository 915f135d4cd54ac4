import type { EvseKey } from '@busbar/model/ids.ts'
import type { Level } from '../../../domain/load-balancing/rows.ts'
import { TAPER } from '../../../domain/scheduling/plan-problem.ts'
import {
  type Bus,
  DC,
  FALLBACK_W,
  isDown,
  MODULES,
  type NightDepot,
  OUTLET_W,
  QUARTER,
  STEP_H,
  STEPS,
} from './night-depot.ts'
import { MET_KWH } from './simulate.ts'

/** A bus that is there. */
export interface Parked {
  readonly bus: Bus
  leftWh: number
  /** Its limit and its draw in the step before; no limit on arrival. */
  level: Level | null
  drawnW: number
}

/** A step as a method sees it: who is there and who can be reached, and nothing of what will come. */
export interface NightMoment {
  readonly depot: NightDepot
  readonly step: number
  readonly parked: readonly Parked[]
}

/** Limits of those who can be reached, W of output, and what the product's checker found wrong with them. */
export interface Given {
  readonly levels: ReadonlyMap<EvseKey, Level>
  readonly faults: number
}

export type NightMethod = (moment: NightMoment) => Given | Promise<Given>

export interface NightResult {
  readonly ready: number
  readonly deliveredKwh: number
  readonly shortKwh: number
  /** Energy of the buses, and the peak above the building's own. */
  readonly cost: number
  /** Highest mean of a quarter of an hour at the grid connection. */
  readonly peakKw: number
  /** Steps in which limits together passed a rating. */
  readonly violations: number
}

/** What the bus takes at best with this much still to come, W: less and less above the knee. */
export function takesW({ bestW, needWh, socPct, batteryWh }: Bus, leftWh: number): number {
  const soc = socPct + (100 * (needWh - leftWh)) / batteryWh
  const above = Math.max(0, soc - TAPER.fromPct) / (100 - TAPER.fromPct)
  return leftWh > 0 ? bestW * (1 - (1 - TAPER.fullShare) * above) : 0
}

export async function simulateNight(depot: NightDepot, method: NightMethod): Promise<NightResult> {
  let [parked, gone]: [Parked[], Parked[]] = [[], []]
  let violations = 0
  const busesW: number[] = []
  for (let step = 0; step < STEPS; step++) {
    gone = [...gone, ...parked.filter(({ bus }) => bus.departure <= step)]
    const come = depot.buses.filter(({ arrival }) => arrival === step)
    parked = [
      ...parked.filter(({ bus }) => bus.departure > step),
      ...come.map((bus): Parked => ({ bus, leftWh: bus.needWh, level: null, drawnW: 0 })),
    ]
    const { levels, faults } =
      parked.length === 0 ? { levels: new Map(), faults: 0 } : await method({ depot, step, parked })
    if (faults + passed(depot, { step, parked }, levels) > 0) violations++
    busesW.push(charge(depot, { step, parked }, levels))
  }
  return resultOf(depot, { all: [...gone, ...parked], busesW, violations })
}

type Now = Pick<NightMoment, 'step' | 'parked'>

/** One step of charging; what the buses take from the grid, W. */
function charge(depot: NightDepot, { step, parked }: Now, levels: ReadonlyMap<EvseKey, Level>): number {
  let sum = 0
  for (const one of parked) {
    const off = isDown(depot, one.bus, step)
    // Without contact a limit lasts for its lease, which is a step, and then the fallback holds.
    one.level = off ? FALLBACK_W : (levels.get(one.bus.evse.key) ?? 0)
    const wh = off ? 0 : Math.min(one.leftWh, Math.min(one.level, takesW(one.bus, one.leftWh)) * STEP_H)
    one.leftWh -= wh
    one.drawnW = wh / STEP_H
    sum += one.drawnW / DC.efficiency
  }
  return sum
}

/** Ratings passed if each bus took all of its limit, counted apart from the product's rows. */
function passed(depot: NightDepot, { step, parked }: Now, levels: ReadonlyMap<EvseKey, Level>): number {
  const feederW = new Float64Array(depot.feeders)
  const modules = new Map<string, number>()
  let over = 0
  for (const { bus } of parked) {
    if (isDown(depot, bus, step)) continue
    const level = levels.get(bus.evse.key) ?? 0
    if (!(level >= 0 && level <= OUTLET_W)) over++
    feederW[bus.feeder] = (feederW[bus.feeder] ?? 0) + level / DC.efficiency
    modules.set(bus.cabinet, (modules.get(bus.cabinet) ?? 0) + Math.ceil(level / MODULES.powerW))
  }
  over += [...modules.values()].filter((count) => count > MODULES.count).length
  over += feederW.filter((w) => w > feederLimitW(depot)).length
  return feederW.reduce((sum, w) => sum + w, depot.baseW(step)) > depot.gridW ? over + 1 : over
}

/** What a feeder carries at nominal voltage, W. */
export const feederLimitW = ({ feederA, site }: NightDepot): number =>
  3 * site.nominalV * feederA * DC.powerFactor

/** The building's own peak, W: it is there without any bus. */
export const basePeakW = ({ baseW }: NightDepot): number =>
  Math.max(...Array.from({ length: STEPS }, (_, step) => baseW(step)))

function resultOf(
  depot: NightDepot,
  { all, busesW, violations }: { all: readonly Parked[]; busesW: readonly number[]; violations: number },
): NightResult {
  const quarters = Array.from({ length: STEPS / QUARTER }, (_, n) => {
    const first = n * QUARTER
    return (
      busesW.slice(first, first + QUARTER).reduce((sum, w, k) => sum + w + depot.baseW(first + k), 0) /
      QUARTER
    )
  })
  const peakW = Math.max(...quarters)
  const energy = busesW.reduce((sum, w, step) => sum + (depot.price(step) * w * STEP_H) / 1000, 0)
  const sumOf = (value: (one: Parked) => number) => all.reduce((sum, one) => sum + value(one), 0) / 1000
  return {
    ready: all.filter(({ leftWh }) => leftWh < MET_KWH * 1000).length,
    deliveredKwh: sumOf(({ bus, leftWh }) => bus.needWh - leftWh),
    shortKwh: sumOf(({ leftWh }) => leftWh),
    cost: energy + (depot.peakPrice * Math.max(0, peakW - basePeakW(depot))) / 1000,
    peakKw: peakW / 1000,
    violations,
  }
}
