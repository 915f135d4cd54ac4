import { z } from 'zod'

const time = z.iso.datetime()
/** What a conformance run looks at, in its order. */
export const ConformanceStep = z.enum([
  'inventory',
  'liveness',
  'levels',
  'rounding',
  'composite',
  'variants',
  'duration',
  'reconnect',
  'loss',
  'zero',
  'reboot',
  'unlock',
])

const finding = z.object({
  step: ConformanceStep,
  /** `deviates`: it does otherwise than the standard says. */
  result: z.enum(['passed', 'deviates', 'not-checked']),
  text: z.string(),
})

/** `POST /api/v1/stations/{station}/conformance` and its preview. */
export const ConformanceRequest = z.strictObject({
  evse: z.int().min(1).default(1),
  /** A person says that a vehicle charges there, and that the test may disturb it. */
  vehicle_charges: z.boolean(),
  skip: z.array(ConformanceStep).default([]),
})
export const ConformanceAnswer = z.object({
  status: z.enum(['accepted', 'rejected']),
  reason: z.string().nullable(),
  run: z.string().nullable(),
})

/** What a run would do, and for how long. */
export const ConformancePreview = z.object({
  /** Why it would be refused; null: it would start. */
  refused: z.string().nullable(),
  /** What the EVSE counts at from the first limit to the last: A per phase or W. */
  counts_at_a: z.number().nullable(),
  counts_at_w: z.number().nullable(),
  /** The meter that would see what it draws; null: only its own values tell. */
  meter: z.string().nullable(),
  at_most_s: z.int(),
  steps: z.array(z.object({ step: ConformanceStep, does: z.string(), at_most_s: z.int() })),
})

/** The run under way. */
export const ConformanceProgress = z.object({
  run: z.string(),
  evse: z.int(),
  /** Null while room is made for its rating. */
  step: ConformanceStep.nullable(),
  does: z.string().nullable(),
  done: z.array(finding),
  steps_total: z.int(),
  started_at: time,
  by: z.string(),
})

/** What a run found, with the evidence. */
export const ConformanceResult = z.object({
  run: z.string(),
  at: time,
  started_at: time,
  by: z.string(),
  outcome: z.enum(['completed', 'aborted']),
  reason: z.string().nullable(),
  vendor: z.string().nullable(),
  model: z.string().nullable(),
  firmware: z.string().nullable(),
  protocol: z.string().nullable(),
  meter: z.string().nullable(),
  steps: z.array(finding),
  /** By the keys of station profiles. */
  capabilities: z.record(z.string(), z.unknown()),
  quirks: z.array(z.object({ key: z.string(), value: z.unknown(), reason: z.string() })),
  /** A station profile with what was found, to review and keep. */
  suggested_profile: z.record(z.string(), z.unknown()),
})

/** `GET /api/v1/stations/{station}/conformance`. */
export const ConformanceView = z.object({
  at: time,
  station: z.string(),
  run: ConformanceProgress.nullable(),
  evses: z.array(
    z.object({
      evse: z.int(),
      label: z.string(),
      /**
       * `stands`: its capabilities count as measured. `firmware-changed`: it has another firmware since, and what was
       * measured only counts against it. `incomplete`: the run did not come to its end.
       */
      standing: z.enum(['untested', 'stands', 'firmware-changed', 'incomplete']),
      /** Why the last run did not come to its end; null when it did. */
      aborted: z.string().nullable(),
      result: ConformanceResult.nullable(),
    }),
  ),
})

export type ConformanceRequest = z.infer<typeof ConformanceRequest>
export type ConformancePreview = z.infer<typeof ConformancePreview>
export type ConformanceView = z.infer<typeof ConformanceView>
