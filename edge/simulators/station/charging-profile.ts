import { fromIso, type Instant } from '@busbar/units/time.ts'
import { z } from 'zod'

const Time = z
  .string()
  .refine((text) => Number.isFinite(Date.parse(text)), 'expected an ISO 8601 time')
  .transform((text): Instant => fromIso(text))

const Period = z.object({
  startPeriod: z.int().min(0),
  limit: z.number().min(0),
  numberPhases: z.int().min(1).max(3).optional(),
})

const Schedule = z.object({
  duration: z.int().min(0).optional(),
  startSchedule: Time.optional(),
  chargingRateUnit: z.enum(['A', 'W']),
  chargingSchedulePeriod: z
    .array(Period)
    .min(1)
    .refine((periods) => periods[0]?.startPeriod === 0, 'the first period must start at 0')
    .refine(ascending, 'periods must be in ascending order'),
  minChargingRate: z.number().optional(),
})

/** @see OCPP 1.6 section 7.8; times in ISO 8601, limits in A per phase or W */
export const ChargingProfile = z.object({
  chargingProfileId: z.int(),
  transactionId: z.int().optional(),
  stackLevel: z.int().min(0),
  chargingProfilePurpose: z.enum(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile']),
  chargingProfileKind: z.enum(['Absolute', 'Recurring', 'Relative']),
  recurrencyKind: z.enum(['Daily', 'Weekly']).optional(),
  validFrom: Time.optional(),
  validTo: Time.optional(),
  chargingSchedule: Schedule,
})

/** A profile as the station keeps it, in the words of 1.6 whatever it came in. */
export interface ChargingProfile extends Omit<z.infer<typeof ChargingProfile>, 'transactionId'> {
  /** A number that the CSMS gave, or from OCPP 2.0.1 on a name that the station gave. */
  readonly transactionId?: number | string | undefined
  /** Seconds offline after which it no longer holds. @see OCPP 2.1 K28 */
  readonly maxOfflineDuration?: number | undefined
  /** Then it is gone for good. */
  readonly invalidAfterOfflineDuration?: boolean | undefined
}
export type ProfilePurpose = ChargingProfile['chargingProfilePurpose']

function ascending(periods: readonly { readonly startPeriod: number }[]): boolean {
  return periods.every((period, i) => i === 0 || period.startPeriod > (periods[i - 1]?.startPeriod ?? 0))
}
