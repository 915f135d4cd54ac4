import type { EvseKey } from '@busbar/model/ids.ts'
import type { Coefficient } from '../load-balancing/rows.ts'
import type { SnapshotRow } from '../load-balancing/snapshot.ts'

/** Length of a slot, h. */
export const SLOT_H = 0.25

/** A vehicle whose need and departure are known. */
export interface PlanVehicle {
  readonly key: EvseKey
  readonly loads: readonly Coefficient[]
  /** W at the AC side per unit of level. */
  readonly wattsPerLevel: number
  /** The most it takes, W. */
  readonly bestW: number
  /** Still to be delivered, Wh. */
  readonly needWh: number
  /** Whole slots until it should be ready: its departure, a quarter of an hour early, rounded down. */
  readonly slots: number
  /** 1 comes first. */
  readonly tier: number
  /** State of charge and battery, for the taper at its end; null when unknown: then it takes its best all the time. */
  readonly battery: { readonly socPct: number; readonly Wh: number } | null
}

/** What is to be planned, from now on in slots. */
export interface PlanProblem {
  readonly vehicles: readonly PlanVehicle[]
  /** Capacity left for the vehicles: the rows' own less what others are expected to draw and the base load's error. */
  readonly rows: readonly Pick<SnapshotRow, 'duty' | 'capacity'>[]
  /** Per slot; the last one goes on. Per kWh, in any currency; empty where energy costs the same always. */
  readonly prices: readonly number[]
  /** The grid connection's peak that is paid already, and what each kW above it costs; null where peaks cost nothing. */
  readonly peak: { readonly paidW: number; readonly baseW: number; readonly pricePerKw: number } | null
}

/** Above this state of charge a vehicle takes less and less, down to a part of its best when full. */
export const TAPER = { fromPct: 80, fullShare: 0.1 } as const

/** What the taper allows at an energy above now, W: the line from its knee to full. Endless where it is unknown. */
export function taper({
  battery,
  bestW,
}: PlanVehicle): { readonly atW: number; readonly perWh: number } | null {
  if (battery === null) return null
  const perPct = (bestW * (1 - TAPER.fullShare)) / (100 - TAPER.fromPct)
  return { atW: bestW + perPct * (TAPER.fromPct - battery.socPct), perWh: (perPct * 100) / battery.Wh }
}

/** What a row carries of a vehicle, mA or W per W. A protect row counts no relief: a vehicle may stop at any time. */
export const perWatt = (c: Coefficient, of: { vehicle: PlanVehicle; duty: string | undefined }): number =>
  (of.duty === 'contract' ? c.perLevel : Math.max(0, c.perLevel)) / of.vehicle.wattsPerLevel
