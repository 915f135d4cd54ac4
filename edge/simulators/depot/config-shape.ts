import { z } from 'zod'
import { quirkProblem } from '../station/quirks/quirk-set.ts'

/** "HH:MM" as minutes from midnight. */
const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day as "HH:MM"')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
const Conductor = z.enum(['l1', 'l2', 'l3'])
const Identity = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,48}$/, 'expected 1 to 48 letters, digits, ".", "_" or "-"')
const Percent = z.number().min(0).max(100)
const Positive = z.number().positive()
const Hour = z.number().min(0).max(24)
const address = (protocols: RegExp) => z.url({ protocol: protocols })
const range = <T extends z.ZodType>(of: T) => z.tuple([of, of])

const Rotation = z
  .tuple([Conductor, Conductor, Conductor])
  .refine((order) => new Set(order).size === 3, 'expected l1, l2 and l3 once each')

/** Keys and values of station profiles. */
const Quirks = z.record(z.string(), z.json()).superRefine((quirks, context) => {
  for (const [key, value] of Object.entries(quirks)) {
    const message = quirkProblem(key, value)
    if (message !== null) context.addIssue({ code: 'custom', path: [key], message })
  }
})

const stationCommon = {
  id: Identity,
  rotation: Rotation.default(['l1', 'l2', 'l3']),
  secret: z.string().min(16).max(40).optional(),
  secret_file: z.string().min(1).optional(),
  meter_interval_s: z.int().min(1).max(3600).default(10),
  boots_on_reconnect: z.boolean().default(false),
  /** OCPP version. */
  version: z.enum(['1.6', '2.0.1', '2.1']).default('1.6'),
  quirks: Quirks.default({}),
}

const Station = z
  .discriminatedUnion('kind', [
    z.strictObject({
      ...stationCommon,
      kind: z.literal('ac'),
      rating_a: z.number().min(6).max(125),
      phases: z.union([z.literal(1), z.literal(3)]).default(3),
    }),
    z.strictObject({ ...stationCommon, kind: z.literal('dc'), rating_w: Positive }),
  ])
  .refine(({ secret, secret_file }) => (secret === undefined) !== (secret_file === undefined), {
    message: 'give either secret or secret_file',
  })

const Visit = z.strictObject({
  station: Identity,
  arrival: TimeOfDay,
  departure: TimeOfDay,
  soc_pct: Percent,
  soc_needed_pct: Percent,
})

const vehicleCommon = {
  phases: z.union([z.literal(1), z.literal(3)]).default(3),
  max_ac_w: Positive.default(22_000),
  max_dc_w: Positive.default(100_000),
  minimum_a: z.number().min(6).max(32).default(6),
  target_pct: Percent.default(100),
}

const Vehicle = z.strictObject({
  ...vehicleCommon,
  id: Identity,
  id_token: z.string().min(1).max(20),
  battery_wh: Positive,
  visits: z.array(Visit).min(1),
})

const Fleet = z.strictObject({
  ...vehicleCommon,
  prefix: z.string().regex(/^[A-Za-z0-9.-]{1,12}$/, 'expected 1 to 12 letters, digits, "." or "-"'),
  count: z.int().min(1).max(500),
  stations: z.array(Identity).min(1),
  battery_wh: range(Positive),
  arrival: range(TimeOfDay),
  departure: range(TimeOfDay),
  soc_pct: range(Percent),
  soc_needed_pct: Percent,
})

/** The simulation file. Unknown keys are errors. */
export const SimulationFile = z.strictObject({
  seed: z.int().min(0),
  time_zone: z.string().refine(isZone, 'expected an IANA time zone such as "Europe/Berlin"').default('UTC'),
  edge: z.strictObject({
    ocpp_url: address(/^wss?$/),
    api_url: address(/^https?$/).optional(),
    api_token_file: z.string().min(1).optional(),
  }),
  meter: z.strictObject({
    /** Folder of meter profiles, relative to this file. */
    profiles: z.string().min(1),
    profile: z.string().min(1),
    host: z.string().min(1).default('127.0.0.1'),
    port: z.int().min(0).max(65_535),
    unit: z.int().min(0).max(255).default(1),
  }),
  /** Further meters, each of some stations, of Modbus TCP on the site meter's host; one port is one line. */
  feeder_meters: z
    .array(
      z.strictObject({
        id: Identity,
        profile: z.string().min(1),
        port: z.int().min(1).max(65_535),
        unit: z.int().min(0).max(255),
        stations: z.array(Identity).min(1),
      }),
    )
    .default([]),
  building: z.strictObject({
    night_w: z.number().min(0),
    peak_w: z.number().min(0),
    noise_w: z.number().min(0).default(0),
    steps: z
      .array(
        z.strictObject({
          name: z.string(),
          power_w: z.number(),
          on_s: Positive,
          every_s: Positive,
          hours: range(Hour).default([0, 24]),
        }),
      )
      .default([]),
  }),
  stations: z.array(Station).min(1),
  vehicles: z.array(Vehicle).default([]),
  fleet: z.array(Fleet).default([]),
})

export type SimulationFile = z.infer<typeof SimulationFile>
export type StationEntry = SimulationFile['stations'][number]
export type FleetEntry = SimulationFile['fleet'][number]

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
