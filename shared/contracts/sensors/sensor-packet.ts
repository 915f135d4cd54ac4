import { z } from 'zod'
import { SOURCE_ID } from './topics.ts'
import { SENSOR_VERSION } from './version.ts'

/**
 * What a source may report, with the one unit each has. Power and energy are those of the whole circuit behind the
 * source: import is what flows away from the grid. Current is A RMS; its sign is that of the phase's power where both
 * are given. Any other key is kept as it is and read by nobody.
 */
export const SENSOR_UNITS = {
  'power.active.import': 'W',
  'power.active.export': 'W',
  'current.import': 'A',
  voltage: 'V',
  frequency: 'Hz',
  'energy.active.import': 'Wh',
  'energy.active.export': 'Wh',
  soc: '%',
  temperature: '°C',
} as const

export type SensorKey = keyof typeof SENSOR_UNITS

export const isSensorKey = (key: string): key is SensorKey => Object.hasOwn(SENSOR_UNITS, key)

/** What a source may say it is doing, under the key `mode`. */
export const SensorMode = z.enum([
  'off',
  'standby',
  'charging',
  'discharging',
  'running',
  'islanded',
  'fault',
])

/** One value. `ph` is the conductor, `ALL` their sum or a value that has no phase, `DC` the direct-current side. */
export const SensorMeasurement = z
  .looseObject({
    k: z.string().min(1).max(64),
    ph: z.enum(['L1', 'L2', 'L3', 'ALL', 'DC']),
    val: z.union([z.number(), z.string().max(64)]),
    u: z.string().max(16).optional(),
    q: z.enum(['good', 'uncertain', 'bad', 'stale']),
  })
  .superRefine(({ k, val, u }, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (k === 'mode' && !SensorMode.safeParse(val).success)
      fault('val', `expected ${SensorMode.options.join(', ')}`)
    if (!isSensorKey(k)) return
    if (typeof val !== 'number') fault('val', `expected a number for ${k}`)
    if (u !== SENSOR_UNITS[k]) fault('u', `expected ${SENSOR_UNITS[k]} for ${k}, base units only`)
  })

/** Printable, so that it may stand in a message to a person. */
const mark = z.string().regex(/^[\x21-\x7e]{1,64}$/, '1 to 64 printable characters without spaces')

/**
 * What a source measured at one moment. Within one `boot_id`, `seq` and `sampled_at` only rise; a packet that is sent
 * again keeps its `packet_id` and `seq`. Unknown keys are kept.
 */
export const SensorPacket = z
  .looseObject({
    v: z.literal(SENSOR_VERSION),
    packet_id: mark,
    depot_id: mark,
    source_id: z.string().regex(SOURCE_ID),
    source_kind: z.enum(['meter', 'bess', 'pv', 'genset', 'mgc', 'env']),
    seq: z.int().min(0),
    boot_id: mark,
    /** By the source's own clock. */
    sampled_at: z.iso.datetime(),
    clock: z.enum(['synced', 'unsynced']),
    m: z.array(SensorMeasurement).min(1).max(64),
  })
  .superRefine(({ m }, context) => {
    const seen = new Set<string>()
    m.forEach(({ k, ph }, index) => {
      if (seen.has(`${k} ${ph}`))
        context.addIssue({ code: 'custom', path: ['m', index], message: `${k} ${ph} stands twice` })
      seen.add(`${k} ${ph}`)
    })
  })

export type SensorMeasurement = z.infer<typeof SensorMeasurement>
export type SensorPacket = z.infer<typeof SensorPacket>
