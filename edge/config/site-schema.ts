import { z } from 'zod'
import { id } from './words.ts'

const phase = z.enum(['l1', 'l2', 'l3'])
const ampsPerPhase = z.union(
  [
    z.number().min(0),
    z.strictObject({ l1: z.number().min(0), l2: z.number().min(0), l3: z.number().min(0) }),
  ],
  'amperes, 0 or more: one number, or { l1: …, l2: …, l3: … }',
)
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM')

const transformer = z.strictObject({
  group: z.enum(['Dyn1', 'Dyn11', 'YNyn0']).describe('vector group, from the plate'),
  primary_v: z.number().positive().describe('line to line'),
  secondary_v: z.number().positive().describe('line to line'),
})

const source = z.strictObject({
  kind: z.enum(['pv', 'battery', 'generator']),
  rating_kw: z.number().positive().describe('the most it gives'),
  firm_above_pct: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe('of a battery: above this charge, online, it is counted on; absent: never'),
})

/** One breaker. */
export const circuit = z.strictObject({
  id,
  name: z.string().min(1),
  note: z.string().optional(),
  parent: id.optional(),
  fed_by: z
    .array(
      z.strictObject({
        circuit: id,
        worst_share: z
          .number()
          .gt(0)
          .max(1)
          .default(1)
          .describe('most of its current that may come this way'),
      }),
    )
    .min(2, 'two feeds or more; one alone is its parent')
    .optional()
    .describe('instead of parent: parallel feeds or a ring'),
  transformer: transformer
    .optional()
    .describe('what it is fed through; its own ratings are of the secondary'),
  rating_a: ampsPerPhase.describe('rating of the breaker, A per phase'),
  bus_rating_a: ampsPerPhase
    .optional()
    .describe('of the bus behind it, where sources feed in past the breaker; absent: as the breaker'),
  limit_kw: z.number().positive().optional().describe('power limit of a device, such as a transformer'),
  derate: z.number().gt(0).max(1).default(1),
  neutral: z
    .strictObject({
      rating_a: z.number().positive(),
      third_harmonic: z.number().min(0).max(1).describe('of the phase currents, part of the fundamental'),
    })
    .optional()
    .describe('where it is weaker than the phases, or carries much third harmonic'),
  unbalance_limit_a: z.number().positive().optional().describe('agreed difference of two conductors at most'),
  source: source.optional().describe('it feeds the site: nothing else hangs from it'),
  other_loads_a: ampsPerPhase.describe(
    'worst load that is not an EVSE, A per phase; 0 for a feeder of EVSEs alone',
  ),
  other_loads_kw: z.number().min(0).optional().describe('the same in kW; needed where limit_kw is given'),
  margin_a: z.number().min(0).default(1),
  margin_kw: z.number().min(0).default(0.5),
})

/** A limit that somebody agreed or asked for. */
export const agreedLimit = z
  .strictObject({
    circuit: id,
    by: z.enum(['contract', 'operator', 'grid-operator']),
    direction: z.enum(['import', 'export']).default('import'),
    limit_a: z.number().min(0).optional().describe('A on each conductor'),
    limit_kw: z.number().min(0).optional(),
    hours: z
      .strictObject({
        from: timeOfDay,
        to: timeOfDay.describe('exclusive; before `from`: of the next day; the same: a whole day'),
        days: z
          .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
          .min(1)
          .optional()
          .describe('on which it starts; absent: every day'),
      })
      .optional()
      .describe('local time; absent: always'),
  })
  .superRefine(({ direction, limit_a, limit_kw }, context) => {
    const fault = (message: string) => context.addIssue({ code: 'custom', message })
    if ((limit_a === undefined) === (limit_kw === undefined)) fault('exactly one of limit_a, limit_kw')
    if (direction === 'export' && limit_a !== undefined) fault('limit_kw, for an export limit')
  })

const acEvse = z.strictObject({
  evse: z.int().min(1),
  current: z.literal('ac'),
  rating_a: z.number().positive(),
  phases: z.array(phase).min(1).max(3).describe("site conductor of the station's L1, L2, L3"),
  connection: z
    .enum(['line-neutral', 'line-line'])
    .default('line-neutral')
    .describe('line-line: across its two phases, as at 208 V'),
  fallback_a: z.number().min(0),
})
const dcEvse = z.strictObject({
  evse: z.int().min(1),
  current: z.literal('dc'),
  rating_kw: z.number().positive().describe('DC output'),
  phases: z.array(phase).length(3),
  fallback_kw: z.number().min(0),
  efficiency: z.number().gt(0.5).max(1).default(0.94),
  efficiency_error: z
    .number()
    .min(0)
    .max(0.2)
    .default(0.05)
    .describe('how much of it may be missing, kept free on every circuit'),
  power_factor: z.number().gt(0.5).max(1).default(0.98),
  cable_a: z
    .number()
    .positive()
    .optional()
    .describe('current its cable carries, for batteries of low voltage; absent: enough for the rating'),
})

/** The EVSEs of a station. */
export const evses = z.array(z.discriminatedUnion('current', [acEvse, dcEvse])).min(1)

/** What limits a station as a whole. */
export const cabinet = z
  .strictObject({
    input_a: ampsPerPhase.optional().describe('rating of its input, A per phase'),
    input_kw: z.number().positive().optional(),
    idle_kw: z.number().min(0).describe('what it takes with no vehicle'),
    modules: z
      .strictObject({ count: z.int().min(1), each_kw: z.number().positive().describe('DC output of one') })
      .optional()
      .describe('power modules that its outlets share'),
  })
  .refine(
    ({ input_a, input_kw, modules }) => [input_a, input_kw, modules].some((each) => each !== undefined),
    'input_a, input_kw or modules: without them it limits nothing',
  )
