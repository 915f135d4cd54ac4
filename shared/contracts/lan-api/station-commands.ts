import { z } from 'zod'
import { FirmwareImageName } from './files.ts'

const moment = z.iso.datetime({ offset: true })

/** What a person may ask of a station. EVSEs count from 1. */
export const StationRequest = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('request-start'),
    evse: z.int().min(1),
    id_token: z.string().min(1).max(20),
  }),
  z.strictObject({
    kind: z.literal('request-stop'),
    transaction: z.string().regex(/^\d{1,10}$/, 'a transaction number'),
  }),
  z.strictObject({ kind: z.literal('reset'), mode: z.enum(['Immediate', 'OnIdle']) }),
  z.strictObject({
    kind: z.literal('trigger'),
    message: z.enum([
      'BootNotification',
      'StatusNotification',
      'MeterValues',
      'Heartbeat',
      'LogStatusNotification',
      'FirmwareStatusNotification',
      'SignChargingStationCertificate',
    ]),
    evse: z.int().min(1).nullable().default(null),
  }),
  z.strictObject({
    kind: z.literal('set-availability'),
    /** 0 is the whole station. */
    evse: z.int().min(0).default(0),
    operative: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('unlock-connector'),
    evse: z.int().min(1),
    connector: z.int().min(1).default(1),
  }),
  z.strictObject({ kind: z.literal('clear-cache') }),
  z.strictObject({ kind: z.literal('get-local-list-version') }),
  z.strictObject({
    kind: z.literal('get-variables'),
    names: z.union([z.array(z.string().max(100)).max(100), z.literal('all')]),
  }),
  z.strictObject({
    kind: z.literal('set-variable'),
    name: z.string().min(1).max(100),
    value: z.string().max(500),
  }),
  /** The station gets another secret, made here, which nobody else is told. */
  z.strictObject({ kind: z.literal('change-password') }),
  /** The station leaves a log here; it is in the inbox once it has. */
  z.strictObject({
    kind: z.literal('get-log'),
    log: z.enum(['DiagnosticsLog', 'SecurityLog']).default('DiagnosticsLog'),
    oldest: moment.nullable().default(null),
    latest: moment.nullable().default(null),
  }),
  /** The station fetches an image of the shelf and installs it. */
  z.strictObject({
    kind: z.literal('update-firmware'),
    image: FirmwareImageName,
    retrieve_at: moment.nullable().default(null),
    install_at: moment.nullable().default(null),
    /** As one that nobody signed, for a station of OCPP 1.6 without its security extension. */
    unsigned: z.boolean().default(false),
  }),
])

/** How long a command may wait for its station; without it, it is done now or not at all. */
export const CommandQuery = z.object({ valid_for_s: z.coerce.number().int().min(1).max(604_800).optional() })

/** `waiting`: it is kept, and sent when the station is back. `unanswered`: it left, and nobody can say whether the station acts on it. */
export const CommandAnswer = z.object({
  command: z.string(),
  status: z.enum(['accepted', 'rejected', 'not-sent', 'unanswered', 'waiting']),
  reason: z.string().nullable(),
  variables: z
    .array(z.object({ name: z.string(), value: z.string().nullable(), readonly: z.boolean() }))
    .optional(),
  unknown: z.array(z.string()).optional(),
  when: z.enum(['Scheduled', 'RebootRequired']).optional(),
  list_version: z.int().optional(),
  /** Of a log or an update: what the station's reports and the log in the inbox are numbered by. */
  request: z.int().optional(),
})

export type StationRequest = z.infer<typeof StationRequest>
export type CommandAnswer = z.infer<typeof CommandAnswer>
