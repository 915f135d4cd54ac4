import { z } from 'zod'
import { broker } from './broker-schema.ts'
import { files } from './files-schema.ts'
import { meter } from './meter-schema.ts'
import { ocpp, securityProfile } from './ocpp-schema.ts'
import { agreedLimit, cabinet, circuit, evses } from './site-schema.ts'
import { id, listen, secret } from './words.ts'

const depotId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and "-", at most 63')
/** The configuration file of a depot. Unknown keys and missing ratings are errors; nothing electrical has a default. */
export const DepotConfig = z.strictObject({
  version: z.literal(1),
  depot: z.strictObject({
    id: depotId,
    name: z.string().min(1),
    time_zone: z.string().refine(isTimeZone, 'an IANA time zone such as Europe/Berlin'),
    virtual: z.boolean().default(false).describe('a simulated depot: says so on every screen'),
  }),
  data_folder: z.string().describe('relative to this file'),
  station_profiles: z
    .string()
    .optional()
    .describe('folder of station profiles beside those that come with the product, relative to this file'),
  series_max_mb: z
    .int()
    .min(64)
    .default(8000)
    .describe('disk for measured samples and minutes; above it the oldest samples go first'),
  message_log_max_mb: z
    .int()
    .min(16)
    .default(1000)
    .describe('disk for OCPP messages of two weeks; above it the oldest go first'),
  log_level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  ocpp,
  contract_certificates: z
    .strictObject({
      url: z
        .string()
        .regex(
          /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*[^\s/?#])?$/,
          'an http or https address without a slash at its end',
        ),
      secret: secret.optional().describe('sent as a bearer token'),
      limit_s: z.number().min(1).max(45).default(20).describe('longest wait for one answer'),
    })
    .optional()
    .describe(
      'service that answers for contract certificates of vehicles (ISO 15118); absent: there is none',
    ),
  lan_http: z.strictObject({
    listen,
    names: z
      .array(z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'a host name in lower case'))
      .default([])
      .describe('names, beside its addresses, under which people reach this depot'),
    tokens: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          role: z.enum(['viewer', 'operator', 'engineer', 'manager']),
          secret,
        }),
      )
      .default([])
      .describe(
        'who may read (viewer), change something too (operator), speak OCPP to stations (engineer), limit circuits (manager)',
      ),
    allow_unauthenticated_writes: z
      .boolean()
      .default(false)
      .describe('loosens access, on a loopback address only; raises a warning'),
  }),
  site: z.strictObject({
    nominal_voltage_v: z.number().positive().describe('phase to neutral'),
    circuits: z.array(circuit).min(1),
    limits: z
      .array(agreedLimit)
      .default([])
      .describe('agreed or asked for, beside the ratings; of several on one quantity the least counts'),
    demand_window_min: z
      .union([z.literal(15), z.literal(30), z.literal(60)])
      .default(15)
      .describe('length of the windows whose mean power is billed'),
    demand_target_kw: z
      .number()
      .positive()
      .optional()
      .describe('mean power of a window to stay under, unless a vehicle would not be ready; no rating'),
  }),
  meters: z.array(meter),
  files: files.optional().describe('absent: this depot takes no logs and gives no firmware'),
  broker: broker.optional().describe('absent: no device sends anything by MQTT'),
  stations: z.array(
    z.strictObject({
      id,
      name: z.string().min(1).optional(),
      circuit: id,
      secret: secret.optional().describe('OCPP Basic credential, security profile 1 or 2'),
      security_profile: securityProfile.optional().describe('1 with a secret and 0 without, when absent'),
      upgrading_from: securityProfile
        .optional()
        .describe('a lower profile that is let in too while the station moves up; raises a warning'),
      registration: z
        .enum(['Accepted', 'Pending', 'Rejected'])
        .optional()
        .describe(
          'what it is told at its boot; Pending: it is set up but not heard yet, Rejected: it is not spoken to',
        ),
      serial: z
        .string()
        .min(1)
        .max(64)
        .optional()
        .describe('serial number, which its certificate may bear instead of its id'),
      allow_without_secret: z.boolean().default(false).describe('security profile 0; raises a warning'),
      profile: id
        .optional()
        .describe('station profile it is given; when absent, the one that fits what it says of itself'),
      cabinet: cabinet.optional().describe('limits of the station as a whole, and its shared power modules'),
      evses,
    }),
  ),
  balancing: z
    .strictObject({
      lease_s: z.int().min(60).max(86_400).default(300),
      renew_s: z.int().min(20).max(43_200).default(100),
      rest_s: z.int().min(0).max(600).default(30),
      aim: z.enum(['fair', 'energy', 'ready']).default('fair'),
      startup_grace_s: z.int().min(0).max(600).default(30),
      limit_writes_per_day: z
        .int()
        .min(300)
        .default(2000)
        .describe("charging profiles a station's flash may take in a day; beyond it limits rise less often"),
      max_rise_kw_per_min: z
        .number()
        .positive()
        .optional()
        .describe('most that the limits of the whole site rise in a minute'),
      wait_for_price: z
        .boolean()
        .default(true)
        .describe('vehicles that are ready all the same wait for cheaper hours of the tariff'),
    })
    .refine((b) => b.renew_s * 2 <= b.lease_s, 'renew_s at most half of lease_s')
    .prefault({}),
  vehicles: z
    .array(
      z.strictObject({
        id,
        id_tokens: z
          .array(z.string().min(1).max(20))
          .min(1)
          .describe('at most 20 characters, as OCPP 1.6 has it'),
        evccid: z
          .string()
          .regex(/^[0-9a-f]{12}$/, '12 lower-case hex digits')
          .optional(),
        battery_kwh: z.number().positive(),
        battery_max_v: z
          .number()
          .positive()
          .optional()
          .describe('with the cable_a of an outlet, the most it can take there'),
        priority: z.int().min(1).max(9).default(1),
        group: z.string().min(1).max(64).optional().describe('vehicles that get a priority together'),
      }),
    )
    .default([]),
  people: z
    .array(z.strictObject({ name: z.string().min(1), id_token: z.string().min(1).max(20) }))
    .default([]),
  departures: z
    .array(
      z.strictObject({
        vehicle: id,
        departure_at: z.iso.datetime({ offset: true }),
        energy_needed_kwh: z.number().min(0).optional(),
        soc_needed_pct: z.number().min(0).max(100).optional(),
      }),
    )
    .default([]),
  tariff: z
    .strictObject({
      currency: z.string().length(3),
      bands: z
        .array(
          z.strictObject({
            name: z.string().min(1),
            from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM'),
            price_per_kwh: z.number(),
          }),
        )
        .min(1),
    })
    .optional()
    .describe('price by time of day; each band runs to the start of the next'),
  cloud: z
    .strictObject({
      url: z.string().regex(/^mqtts?:\/\//, 'mqtt:// or mqtts://'),
      password: secret,
      ca_file: z.string().optional(),
    })
    .optional()
    .describe('absent: a depot that stands alone'),
})

export type DepotConfig = z.infer<typeof DepotConfig>
export type { SecretConfig } from './words.ts'

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch (error) {
    return !(error instanceof RangeError)
  }
}
