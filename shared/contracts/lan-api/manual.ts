import { z } from 'zod'

const time = z.iso.datetime()
const until = z.iso.datetime({ offset: true })
const reason = z.string().trim().min(1).max(200)
const readiness = z.enum(['ready', 'on-track', 'at-risk', 'not-ready', 'no-data']).nullable()

/** What a person decided for one EVSE; ends by itself at `until`. */
export const OverrideView = z.object({
  how: z.enum(['charge', 'pause']),
  limit_a: z.number().nullable(),
  limit_w: z.number().nullable(),
  since: time,
  until: time,
  reason: z.string(),
  by: z.string(),
})

/** A limit that a person set on a circuit, beside its rating. */
export const OperatingLimitView = z.object({
  /** A on each conductor. */
  limit_a: z.number().nullable(),
  limit_w: z.number().nullable(),
  since: time,
  until: time.nullable(),
  reason: z.string(),
  by: z.string(),
})

/**
 * `PUT /api/v1/evses/{station}/{evse}/override`: charges before all others, or pauses, for a minute to a day. A limit
 * is the most it is to get while it charges first, in the EVSE's own unit.
 */
export const OverrideRequest = z
  .strictObject({
    how: z.enum(['charge', 'pause']),
    until,
    reason,
    limit_a: z.number().min(0).max(1000).optional(),
    limit_w: z.number().min(0).max(2_000_000).optional(),
  })
  .refine((of) => of.limit_a === undefined || of.limit_w === undefined, {
    message: 'give limit_a or limit_w, not both',
  })
  .refine((of) => of.how === 'charge' || (of.limit_a === undefined && of.limit_w === undefined), {
    message: 'a pause has no limit',
  })

/** `PUT /api/v1/priorities/{scope}/{id}`: 1 comes first. That of a departure ends with it, `until` is not for it. */
export const PriorityRequest = z.strictObject({
  priority: z.int().min(1).max(9),
  until: until.optional(),
  reason,
})

/** `PUT /api/v1/circuits/{circuit}/operating-limit`: never above the rating; without `until` it stands. */
export const OperatingLimitRequest = z
  .strictObject({
    limit_a: z.number().min(0).max(10_000).optional(),
    limit_w: z.number().min(0).max(20_000_000).optional(),
    until: until.optional(),
    reason,
  })
  .refine((of) => of.limit_a !== undefined || of.limit_w !== undefined, {
    message: 'give limit_a, limit_w or both',
  })

/** Whether an act was taken; a refusal says why. */
export const ManualAnswer = z.object({
  status: z.enum(['accepted', 'rejected']),
  reason: z.string().nullable(),
})

/** Shares without and with an act, W at the AC side, once all limits have settled; those who lose most first. */
export const ManualPreview = z.object({
  at: time,
  total_before_w: z.number(),
  total_after_w: z.number(),
  changes: z.array(
    z.object({
      station: z.string(),
      evse: z.int(),
      label: z.string(),
      vehicle: z.string().nullable(),
      before_w: z.number(),
      after_w: z.number(),
      departure_at: time.nullable(),
      readiness_before: readiness,
      readiness_after: readiness,
    }),
  ),
})

/** `GET /api/v1/manual`: all that stands by hand, and the last acts with who and when, newest first. */
export const ManualView = z.object({
  at: time,
  overrides: z.array(OverrideView.extend({ evse: z.string() })),
  priorities: z.array(
    z.object({
      scope: z.enum(['vehicle', 'group', 'departure']),
      id: z.string(),
      priority: z.int(),
      since: time,
      until: time.nullable(),
      reason: z.string(),
      by: z.string(),
    }),
  ),
  operating_limits: z.array(OperatingLimitView.extend({ circuit: z.string() })),
  acts: z.array(
    z.object({ at: time, act: z.string(), by: z.string(), data: z.record(z.string(), z.unknown()) }),
  ),
})

export type OverrideView = z.infer<typeof OverrideView>
export type OperatingLimitView = z.infer<typeof OperatingLimitView>
export type OverrideRequest = z.infer<typeof OverrideRequest>
export type PriorityRequest = z.infer<typeof PriorityRequest>
export type OperatingLimitRequest = z.infer<typeof OperatingLimitRequest>
export type ManualAnswer = z.infer<typeof ManualAnswer>
export type ManualPreview = z.infer<typeof ManualPreview>
export type ManualView = z.infer<typeof ManualView>
