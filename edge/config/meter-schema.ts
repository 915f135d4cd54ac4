import { z } from 'zod'
import { modbusOverride, modbusWays } from './modbus-schema.ts'
import { id } from './words.ts'

/** How a meter's values reach us; a meter has exactly one. */
const ways = {
  ...modbusWays,
  mqtt: z
    .strictObject({ source: id })
    .optional()
    .describe('a device of broker.devices sends its values; poll_ms is how often'),
  virtual: z
    .union([
      z.strictObject({ sum: z.array(id).min(2) }),
      z.strictObject({ difference: z.tuple([id, id]) }),
      z.strictObject({ scaled: z.strictObject({ of: id, factor: z.number().positive() }) }),
    ])
    .optional()
    .describe('computed from other meters'),
}
const WAYS = [
  'modbus_tcp',
  'modbus_rtu',
  'modbus_rtu_tcp',
  'mqtt',
  'virtual',
] as const satisfies readonly (keyof typeof ways)[]

/** A meter of the site. */
export const meter = z
  .strictObject({
    id,
    name: z.string().min(1),
    role: z.enum(['grid', 'feeder', 'station', 'der']),
    circuit: id,
    profile: z.string().optional().describe('register map; for meters on Modbus'),
    ...ways,
    override: modbusOverride.describe('for meters on Modbus'),
    poll_ms: z.int().min(50).max(60_000).default(1000),
    invert: z.boolean().default(false),
    self_test: z
      .enum(['automatic', 'required'])
      .optional()
      .describe(
        'required: drives limits only after a known load was seen on the right conductors; automatic: watches for that meanwhile; if absent required, in a virtual depot automatic',
      ),
    accuracy_pct: z
      .number()
      .min(0)
      .max(10)
      .optional()
      .describe(
        'error of the meter with its transformers; kept free of the rating where it is more than the margin',
      ),
    unbalance_limit_a: z.number().positive().optional().describe('alarm when conductors differ by more'),
  })
  .superRefine((value, context) => {
    const given = WAYS.filter((way) => value[way] !== undefined)
    const fault = (message: string) => context.addIssue({ code: 'custom', message })
    if (given.length !== 1)
      return fault(`exactly one of ${WAYS.join(', ')}; found ${given.join(', ') || 'none'}`)
    const modbus = given[0]?.startsWith('modbus') === true
    if (modbus !== (value.profile !== undefined))
      fault(modbus ? 'a profile' : 'no profile, which is for meters on Modbus')
    if (!modbus && value.override !== undefined) fault('no override, which is for meters on Modbus')
    if (value.virtual !== undefined && value.invert) fault('no invert on a virtual meter')
  })
