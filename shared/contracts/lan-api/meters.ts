import { z } from 'zod'

const time = z.iso.datetime()
const phase = z.enum(['l1', 'l2', 'l3'])
const values = z.object({ l1: z.number().nullable(), l2: z.number().nullable(), l3: z.number().nullable() })
const result = z.enum(['passed', 'failed', 'pending'])

const raw = z.object({ function_code: z.int(), addr: z.int(), words: z.array(z.int()) })
const decoded = z.object({
  name: z.string(),
  addr: z.int(),
  words: z.array(z.int()),
  /** In `unit`; null is "no value". */
  value: z.number().nullable(),
  unit: z.string(),
})
const testStep = z.object({
  step: z.enum(['identity', 'offset', 'arithmetic', 'order', 'direction', 'ratio', 'timing']),
  /** `not-checked`: the meter tells nothing that could be checked. */
  result: z.enum(['passed', 'failed', 'pending', 'not-checked']),
  text: z.string(),
})

/** `GET /api/v1/meters`: every meter, what it reads and what its word is worth. */
export const MeterDetail = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(['grid', 'feeder', 'station', 'der']),
  circuit: z.string(),
  /** `virtual`: computed from others, and worth no more than they are. */
  standing: z.enum(['drives-limits', 'monitor-only', 'virtual']),
  quality: z.enum(['live', 'hold', 'reserve', 'static']),
  reason: z.string().nullable(),
  measured_at: time.nullable(),
  age_ms: z.number().nullable(),
  power_w: z.number().nullable(),
  phase_power_w: values,
  current_a: values,
  voltage_v: values,
  frequency_hz: z.number().nullable(),
  import_wh: z.number().nullable(),
  export_wh: z.number().nullable(),
  self_test: z
    .object({ mode: z.enum(['automatic', 'required']), result, steps: z.array(testStep) })
    .nullable(),
  /** What its checks found. */
  findings: z.array(z.object({ check: z.string(), text: z.string() })),
})
export const MetersView = z.object({ at: time, meters: z.array(MeterDetail) })

/** `GET /api/v1/meters/{meter}/registers`: what the device says of itself and holds. */
export const MeterRegisters = z.object({
  at: time,
  serial: z.string().nullable(),
  offset: z.int(),
  /** Offsets that sources name, and which give a plausible supply. */
  offsets: z.array(z.object({ offset: z.int(), passes: z.boolean() })),
  raw: z.array(raw),
  decoded: z.array(decoded),
  reply_p99_ms: z.number().nullable(),
  deadline_ms: z.number(),
})

/** `GET /api/v1/meters/{meter}/report`: the last self-test, to keep. */
export const MeterReport = z.object({
  meter: z.string(),
  at: time,
  result,
  mode: z.enum(['automatic', 'required']),
  steps: z.array(testStep.extend({ step: z.string() })),
  serial: z.string().nullable(),
  setup: z.string(),
  raw: z.array(raw),
  decoded: z.array(decoded),
  by: z.string(),
  /** The last step of a known load that told something; W per conductor. */
  step: z
    .object({
      verdict: z.enum(['fits', 'wrong']),
      ratio: z.number(),
      /** Which conductor each of the meter's inputs is suspected to see. */
      map: z.object({ l1: phase, l2: phase, l3: phase }).nullable(),
      reversed: z.array(phase),
      expected_w: z.object({ l1: z.number(), l2: z.number(), l3: z.number() }),
      measured_w: z.object({ l1: z.number(), l2: z.number(), l3: z.number() }),
      text: z.string(),
      by: z.string(),
    })
    .nullable(),
})

/** `POST /api/v1/meters/{meter}/self-test`. With a station, that one goes down to its fallback for a moment so that its step is seen. */
export const MeterTestRequest = z.strictObject({
  station: z.string().max(48).optional(),
  evse: z.int().min(1).optional(),
})
export const MeterTestAnswer = z.object({
  status: z.enum(['accepted', 'rejected']),
  reason: z.string().nullable(),
})

/** `POST /api/v1/meter-probes`: asks a device that may not be configured yet. Reads only. */
export const MeterProbeRequest = z.strictObject({
  profile: z.string().min(1).max(100),
  way: z.enum(['modbus_tcp', 'modbus_rtu_tcp']),
  host: z.string().min(1).max(255),
  port: z.int().min(1).max(65535).default(502),
  unit: z.int().min(0).max(255).default(1),
  address_offset: z.int().min(-1).max(1).optional(),
})
export const MeterProbeAnswer = z.union([
  z.object({ status: z.literal('read'), registers: MeterRegisters }),
  z.object({ status: z.literal('failed'), code: z.string(), reason: z.string() }),
])

/** `GET /api/v1/meter-profiles`. */
export const MeterProfilesView = z.object({
  profiles: z.array(
    z.object({ id: z.string(), vendor: z.string(), models: z.array(z.string()), verified: z.string() }),
  ),
})

export type MeterDetail = z.infer<typeof MeterDetail>
export type MeterRegisters = z.infer<typeof MeterRegisters>
export type MeterReport = z.infer<typeof MeterReport>
