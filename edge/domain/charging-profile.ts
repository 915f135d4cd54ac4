import type { TransactionId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'

/** In the words of OCPP 2.0.1 (ChargingProfilePurposeEnumType); the external ones only stations set. */
export type ChargingProfilePurpose =
  | 'ChargingStationMaxProfile'
  | 'TxDefaultProfile'
  | 'TxProfile'
  | 'ChargingStationExternalConstraints'

/** From `startS` seconds after the schedule's start: A per phase or W, by the schedule's unit. */
export interface ChargingPeriod {
  readonly startS: number
  readonly limit: number
  readonly phases: number | null
}

export interface ChargingSchedule {
  readonly unit: 'A' | 'W'
  /** Null: when the transaction starts, or now. */
  readonly startsAt: Instant | null
  /** Null: until the transaction or the profile ends. */
  readonly durationS: number | null
  readonly minimum: number | null
  readonly periods: readonly ChargingPeriod[]
}

/** A whole charging profile, as an engineer may write it. @see OCPP ChargingProfileType */
export interface ChargingProfile {
  readonly id: number
  readonly stackLevel: number
  readonly purpose: ChargingProfilePurpose
  readonly kind: 'Absolute' | 'Recurring' | 'Relative'
  readonly recurs: 'Daily' | 'Weekly' | null
  readonly validFrom: Instant | null
  readonly validTo: Instant | null
  readonly transaction: TransactionId | null
  readonly schedule: ChargingSchedule
}

/** What the station itself works out for the time asked for. */
export interface CompositeSchedule {
  readonly evse: number
  readonly unit: 'A' | 'W'
  readonly startsAt: Instant | null
  readonly durationS: number | null
  readonly periods: readonly ChargingPeriod[]
}

/** The most a schedule ever allows, in its own unit; null when no period says. */
export const highestOf = ({ periods }: Pick<ChargingSchedule, 'periods'>): number | null =>
  periods.length === 0 ? null : Math.max(...periods.map(({ limit }) => limit))
