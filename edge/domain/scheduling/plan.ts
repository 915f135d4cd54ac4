import type { EvseKey } from '@busbar/model/ids.ts'
import { type PlanProblem, type PlanVehicle, perWatt, SLOT_H, taper } from './plan-problem.ts'
import type { PlanProgram } from './plan-program.ts'

/** What one vehicle is to have got by the end of each slot, Wh from the plan's start, and what it will lack. */
export interface Corridor {
  readonly byWh: readonly number[]
  readonly shortWh: number
  /** Its need when the plan was made, Wh. */
  readonly needWh: number
  readonly bestW: number
}

/** A plan that has been checked: it advises, and sets no limit. */
export type Plan = ReadonlyMap<EvseKey, Corridor>

/** A solver's numbers may be off by this, of 1 and in kW or kWh. */
const OFF = 1e-4

/**
 * A solver's numbers as a plan, or why they are none. Every row, bound and sum is counted again from the problem itself,
 * with nothing of the program's: a wrong program and a wrong answer are both found.
 */
export function toPlan(problem: PlanProblem, of: PlanProgram, values: ArrayLike<number>): Plan | string {
  const kw = of.power.map((columns) => columns.map((column) => values[column] ?? Number.NaN))
  for (const [v, vehicle] of problem.vehicles.entries()) {
    const wrong = wrongWith(vehicle, kw[v] ?? [])
    if (wrong !== null) return `${vehicle.key} ${wrong}`
  }
  const over = overloadIn(problem, kw)
  if (over !== null) return over
  return new Map(problem.vehicles.map((vehicle, v) => [vehicle.key, corridor(vehicle, kw[v] ?? [])]))
}

function wrongWith(vehicle: PlanVehicle, kw: readonly number[]): string | null {
  if (kw.length !== vehicle.slots) return `has ${kw.length} slots of ${vehicle.slots}`
  const line = taper(vehicle)
  let taken = 0
  for (const power of kw) {
    if (!Number.isFinite(power) || power < -OFF) return `gets ${power} kW`
    const least =
      line === null ? vehicle.bestW : Math.min(vehicle.bestW, Math.max(0, line.atW - line.perWh * taken))
    if (power * 1000 > least * (1 + OFF) + 10) return `gets ${power} kW of at most ${least / 1000}`
    taken += power * 1000 * SLOT_H
  }
  return taken > vehicle.needWh * (1 + OFF) + 10 ? `gets ${taken} Wh of ${vehicle.needWh}` : null
}

function overloadIn({ vehicles, rows }: PlanProblem, kw: readonly (readonly number[])[]): string | null {
  const slots = Math.max(0, ...kw.map(({ length }) => length))
  for (let slot = 0; slot < slots; slot++) {
    const loads = new Float64Array(rows.length)
    vehicles.forEach((vehicle, v) => {
      const watts = 1000 * (kw[v]?.[slot] ?? 0)
      for (const c of vehicle.loads)
        loads[c.row] = (loads[c.row] ?? 0) + watts * perWatt(c, { vehicle, duty: rows[c.row]?.duty })
    })
    for (const [row, { capacity }] of rows.entries())
      if ((loads[row] ?? 0) > Math.max(0, capacity) * (1 + OFF) + 10)
        return `row ${row} carries ${loads[row]} of ${capacity} in slot ${slot}`
  }
  return null
}

function corridor(vehicle: PlanVehicle, kw: readonly number[]): Corridor {
  let sum = 0
  const byWh = kw.map((power) => {
    sum += Math.max(0, power) * 1000 * SLOT_H
    return sum
  })
  const { needWh, bestW } = vehicle
  return { byWh, needWh, bestW, shortWh: Math.max(0, needWh - sum) }
}

/** Time left in a slot is taken as this at least, so that a promise at its end is not a leap, h. */
const LEAST_H = 1 / 12

/**
 * The power that brings a vehicle to what its corridor wants by the end of the present slot, W; 0 when it is there, ahead
 * of it or past its end. Late is made up for, early is not held against it.
 * @param of.sinceH since the plan was made, h
 * @param of.leftWh what it still needs now
 */
export function owedW({ byWh, needWh, bestW }: Corridor, of: { sinceH: number; leftWh: number }): number {
  const slot = Math.floor(of.sinceH / SLOT_H + 1e-9)
  const wanted = byWh[slot]
  if (wanted === undefined) return 0
  const behind = wanted - Math.max(0, needWh - of.leftWh)
  const hours = Math.max(LEAST_H, (slot + 1) * SLOT_H - of.sinceH)
  return Math.min(bestW, Math.max(0, behind / hours))
}
