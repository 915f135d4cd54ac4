import { z } from 'zod'
import { id } from './words.ts'

/** How a meter's values reach us; a meter has exactly one. */
const ways = {
  modbus_tcp: z
    .strictObject({
      host: z.string(),
      port: z.int().min(1).max(65535),
      unit: z.int().min(0).max(255),
    })
    .optional(),
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
const WAYS = ['modbus_tcp', 'mqtt', 'virtual'] as const satisfies readonly (keyof typeof ways)[]

/** A meter of the site. */
export const meter = z
  .strictObject({
    id,
    name: z.string().min(1),
    role: z.enum(['grid', 'feeder', 'station', 'der']),
    circuit: id,
    profile: z.string().optional().describe('register map; for meters on Modbus'),
    ...ways,
    poll_ms: z.int().min(50).max(60_000).default(1000),
    invert: z.boolean().default(false),
  })
  .superRefine((value, context) => {
    const given = WAYS.filter((way) => value[way] !== undefined)
    const fault = (message: string) => context.addIssue({ code: 'custom', message })
    if (given.length !== 1)
      return fault(`exactly one of ${WAYS.join(', ')}; found ${given.join(', ') || 'none'}`)
    const modbus = given[0]?.startsWith('modbus') === true
    if (modbus !== (value.profile !== undefined))
      fault(modbus ? 'a profile' : 'no profile, which is for meters on Modbus')
    if (value.virtual !== undefined && value.invert) fault('no invert on a virtual meter')
  })
