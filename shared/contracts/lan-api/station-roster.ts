import { z } from 'zod'

const phase = z.enum(['l1', 'l2', 'l3'])
const amps = z.number().min(0).max(10_000)
const kilowatts = z.number().min(0).max(10_000)

const acEvse = z.strictObject({
  evse: z.int().min(1).max(100),
  current: z.literal('ac'),
  /** A per phase. */
  rating_a: amps.positive(),
  /** Site conductor of the station's L1, L2, L3. */
  phases: z.array(phase).min(1).max(3),
  connection: z.enum(['line-neutral', 'line-line']).default('line-neutral'),
  /** What it may draw when it hears nothing from the depot. */
  fallback_a: amps,
})
const dcEvse = z.strictObject({
  evse: z.int().min(1).max(100),
  current: z.literal('dc'),
  /** kW of output. */
  rating_kw: kilowatts.positive(),
  phases: z.array(phase).length(3),
  fallback_kw: kilowatts,
  efficiency: z.number().gt(0.5).max(1).default(0.94),
  efficiency_error: z.number().min(0).max(0.2).default(0.05),
  power_factor: z.number().gt(0.5).max(1).default(0.98),
  cable_a: amps.positive().optional(),
})

/** Where a station hangs in the site, and what its EVSEs are. Nothing electrical has a default. */
export const StationPlace = z.strictObject({
  name: z.string().trim().min(1).max(100).nullable().default(null),
  circuit: z.string().min(1).max(48),
  evses: z
    .array(z.discriminatedUnion('current', [acEvse, dcEvse]))
    .min(1)
    .max(100),
})

/** A station to add beside those of the configuration. Profiles 0 and 3 are for the configuration alone. */
export const NewStation = StationPlace.extend({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$/, 'letters, digits, ".", "_" and "-", at most 48'),
  security_profile: z.union([z.literal(1), z.literal(2)]).default(1),
})

/** The password is shown this once: only its hash is kept. With the id it is what the station signs in with. */
export const StationAddedAnswer = z.object({ id: z.string(), password: z.string() })

/** `leaving`: it is let in no more, and counts until its connection is gone and its limits have lapsed. */
export const StationRemovedAnswer = z.object({ id: z.string(), state: z.literal('leaving') })
