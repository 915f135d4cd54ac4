import type { Instant } from '@busbar/units/time.ts'
import type { ChargingProfile, ProfilePurpose } from './charging-profile.ts'

/** A profile the station holds. */
export interface InstalledProfile {
  /** 0 is the whole station. */
  readonly connectorId: number
  readonly profile: ChargingProfile
  readonly installedAt: Instant
  /** The one transaction a TxProfile is for. */
  readonly transaction: RunningTransaction | null
}

export interface RunningTransaction {
  readonly startedAt: Instant
}

export interface ProfileLimit {
  readonly value: number
  readonly unit: 'A' | 'W'
  /** Phases the limit is spread over, where the profile says so. */
  readonly phases: number | undefined
  readonly profileId: number
  readonly purpose: ProfilePurpose
}

/** What the profiles allow one connector at one time: the transaction's part and the station's part. */
export interface ProfileLimits {
  readonly transaction: ProfileLimit | undefined
  readonly station: ProfileLimit | undefined
}

const RECURRENCE_MS = { Daily: 86_400_000, Weekly: 7 * 86_400_000 }

/**
 * TxProfile before TxDefaultProfile, the highest stack level that has a period now within each; the station's maximum
 * beside them. @see OCPP 1.6 section 3.13
 */
export function limitsAt(
  installed: readonly InstalledProfile[],
  at: Instant,
  transaction: RunningTransaction | null,
): ProfileLimits {
  const best = (purpose: ProfilePurpose) => highest(installed, purpose, at, transaction)
  return {
    transaction: best('TxProfile') ?? best('TxDefaultProfile'),
    station: best('ChargePointMaxProfile'),
  }
}

/** When the profile's schedule began, or undefined when it has not begun by `at`. */
export function scheduleStart(
  entry: InstalledProfile,
  at: Instant,
  transaction: RunningTransaction | null,
): number | undefined {
  const { profile } = entry
  const fixed = profile.chargingSchedule.startSchedule
  const start = profile.chargingProfileKind === 'Relative' ? undefined : fixed
  if (profile.chargingProfileKind === 'Recurring') {
    const period = RECURRENCE_MS[profile.recurrencyKind ?? 'Daily']
    if (start === undefined || at < start) return undefined
    return at - ((at - start) % period)
  }
  if (start !== undefined) return start <= at ? start : undefined
  if (profile.chargingProfilePurpose === 'ChargePointMaxProfile') return entry.installedAt
  return transaction ? Math.min(transaction.startedAt, at) : undefined
}

function highest(
  installed: readonly InstalledProfile[],
  purpose: ProfilePurpose,
  at: Instant,
  transaction: RunningTransaction | null,
): ProfileLimit | undefined {
  return installed
    .filter((entry) => entry.profile.chargingProfilePurpose === purpose && applies(entry, transaction))
    .toSorted((a, b) => b.profile.stackLevel - a.profile.stackLevel || b.connectorId - a.connectorId)
    .map((entry) => periodLimit(entry, at, transaction))
    .find((limit) => limit !== undefined)
}

const applies = (entry: InstalledProfile, transaction: RunningTransaction | null): boolean =>
  entry.profile.chargingProfilePurpose !== 'TxProfile' || entry.transaction === transaction

function periodLimit(
  entry: InstalledProfile,
  at: Instant,
  transaction: RunningTransaction | null,
): ProfileLimit | undefined {
  const { profile } = entry
  if (profile.validFrom !== undefined && at < profile.validFrom) return undefined
  if (profile.validTo !== undefined && at >= profile.validTo) return undefined
  const start = scheduleStart(entry, at, transaction)
  if (start === undefined) return undefined
  const { duration, chargingRateUnit, chargingSchedulePeriod } = profile.chargingSchedule
  const elapsedS = (at - start) / 1000
  if (duration !== undefined && elapsedS >= duration) return undefined
  const period = chargingSchedulePeriod.findLast((p) => p.startPeriod <= elapsedS)
  if (!period) return undefined
  return {
    value: period.limit,
    unit: chargingRateUnit,
    phases: period.numberPhases,
    profileId: profile.chargingProfileId,
    purpose: profile.chargingProfilePurpose,
  }
}
