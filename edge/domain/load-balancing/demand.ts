import { type WattHours, wattHours } from '@busbar/units/electricity.ts'
import { between, type Instant, later, milliseconds, minutes } from '@busbar/units/time.ts'
import { energyTo, type OpenTransaction } from '../charging/transaction.ts'
import type { Vehicle } from '../charging/vehicle.ts'
import type { Departure } from '../inputs.ts'

/** What a running transaction still needs before its vehicle leaves. */
export interface Need {
  readonly departureAt: Instant | null
  /** Null when neither the vehicle nor the departure tells. */
  readonly energyLeftWh: WattHours | null
}

export type Readiness = 'ready' | 'on-track' | 'at-risk' | 'not-ready' | 'no-data'

/** A departure with less than this to spare is at risk. */
const SLACK = minutes(10)

/** What the vehicle needs, from its departure, its state of charge and its battery. */
export function need(of: {
  transaction: OpenTransaction
  departure: Departure | undefined
  vehicle: Vehicle | undefined
}): Need {
  const { transaction, departure, vehicle } = of
  const departureAt = departure?.departureAt ?? null
  const done = energyTo(transaction, transaction.registerWh)
  if (departure !== undefined && departure.energyNeededWh !== null)
    return { departureAt, energyLeftWh: wattHours(Math.max(0, departure.energyNeededWh - done)) }
  const target = departure === undefined ? 100 : (departure.socNeededPct ?? 100)
  if (vehicle === undefined || transaction.socPct === null) return { departureAt, energyLeftWh: null }
  return {
    departureAt,
    energyLeftWh: wattHours(Math.max(0, ((target - transaction.socPct) / 100) * vehicle.batteryWh)),
  }
}

/**
 * Weight of an EVSE in sharing: 1 when there is time, up to 4 when there is none, in quarter steps so that limits do
 * not creep. Laxity = time left − energy left / best rate. A vehicle that has what it needs comes last.
 */
export function urgency(what: Need, at: { now: Instant; bestW: number }): number {
  if (what.energyLeftWh === 0) return 0.25
  if (what.departureAt === null || what.energyLeftWh === null) return 1
  const laxityH = between(at.now, what.departureAt) / 3_600_000 - what.energyLeftWh / Math.max(1, at.bestW)
  return Math.round((1 + 3 / (1 + Math.exp(laxityH - 1))) * 4) / 4
}

/** When the need is met at `powerW`; null when it never is, or is unknown. */
export function readyAt(what: Need, at: { now: Instant; powerW: number | null }): Instant | null {
  if (what.energyLeftWh === null) return null
  if (what.energyLeftWh === 0) return at.now
  if (at.powerW === null || at.powerW <= 0) return null
  return later(at.now, milliseconds((what.energyLeftWh / at.powerW) * 3_600_000))
}

/** Never "ready" or "on track" without data: at present power in time, or only at the best rate, or not at all. */
export function readiness(what: Need, at: { now: Instant; powerW: number | null; bestW: number }): Readiness {
  if (what.energyLeftWh === null) return 'no-data'
  if (what.energyLeftWh === 0) return 'ready'
  if (what.departureAt === null) return 'no-data'
  const inTime = (when: Instant | null, slack: number) =>
    when !== null && what.departureAt !== null && when + slack <= what.departureAt
  if (inTime(readyAt(what, at), SLACK)) return 'on-track'
  return inTime(readyAt(what, { now: at.now, powerW: at.bestW }), 0) ? 'at-risk' : 'not-ready'
}
