import { z } from 'zod'

const flag = z.boolean()
const secondsFrom = (least: number) => z.number().min(least)
const keys = z.array(z.string().min(1)).min(1)
const measurands = z.array(z.string().min(1)).min(1)
const protocol = z.enum(['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'])
const unit = z.enum(['A', 'W'])
const purpose = z.enum(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'])
const zone = z
  .string()
  .refine(
    (text) => text === 'site' || isZone(text),
    'expected "site" or an IANA time zone, e.g. "Europe/Berlin" or "+02:00"',
  )

/** Every quirk that a profile may name, and what it can say of it. @see firmware-profiles/QUIRKS.md */
export const QUIRK_VALUES = {
  'handshake.assume-protocol': protocol,
  'handshake.identity-from': z.enum(['path', 'basic-user']),
  'handshake.user-case': z.enum(['exact', 'ignore']),
  'handshake.password-encoding': z.enum(['raw', 'hex-text']),
  'handshake.allow-origin': z.string().min(1),

  'framing.numeric-ids': flag,
  'framing.strip': z.enum(['bom', 'nul']),

  'liveness.proof': z.enum(['pong', 'any-frame', 'heartbeat']),
  'liveness.offline-grace-s': secondsFrom(1),
  'liveness.manual-restart-after-s': secondsFrom(1),
  'liveness.close': z.enum(['frame', 'drop']),

  'boot.allow-empty-vendor': flag,
  'boot.trigger-after-s': secondsFrom(1),
  'boot.wait-s': secondsFrom(1),

  'config.never-read': keys,
  'config.never-write': keys,
  'config.read-only-these': keys,
  'config.alias': z.record(z.string(), z.string().min(1)),
  'config.unit-factor': z.record(z.string(), z.number().positive()),
  'config.secret-keys': keys,

  'measurands.fixed': measurands,
  'measurands.remove': measurands,
  'measurands.one-by-one': flag,
  'measurands.from-key': z.string().min(1),
  'measurands.read-only': flag,

  'meter.connector-zero': z.enum(['as-connector-1', 'sum', 'ignore']),
  'meter.register': z.enum(['lifetime', 'transaction']),
  'meter.register-max': z.number().positive(),
  'meter.baseline': z.enum(['trust', 'ignore-zero', 'first-sample']),
  'meter.energy-source': z.enum(['meter-values', 'transaction']),
  'meter.late-values-s': secondsFrom(1),
  'meter.totals': z.enum(['as-sent', 'recompute']),
  'meter.power': z.enum(['as-sent', 'from-current', 'from-energy']),
  'meter.phase-order': z.string().regex(/^(?=.*1)(?=.*2)(?=.*3)[123]{3}$/, 'expected e.g. "312"'),
  'meter.direction': z.enum(['as-sent', 'export-means-import']),
  'meter.keep-clock-samples': flag,
  'meter.no-trigger': flag,

  'profile.purposes': z.array(purpose),
  'profile.kind': z.enum(['Absolute', 'Relative']),
  'profile.stack-level': z.int().min(0),
  'profile.unit': unit,
  'profile.transaction-id': z.enum(['required', 'omit']),
  'profile.zero': z.enum(['pauses', 'ends', 'ends-and-persists']),
  'profile.resend-after-zero': flag,
  'profile.max-is-per-connector': flag,
  'profile.spike-on-set-s': secondsFrom(1),
  'profile.lost-on-reconnect': flag,
  'profile.no-profile-in-start': flag,
  'profile.verify': z.enum(['composite', 'meter']),
  'profile.limit-via': z.strictObject({ key: z.string().min(1), unit }),

  'start.connector': z.enum(['always', 'zero-when-none']),
  'start.auto': flag,
  'start.min-delay-s': secondsFrom(1),

  'stop.by': z.enum(['remote-stop', 'limit']),

  'transaction.none-ids': z.array(z.union([z.string(), z.number()])).min(1),
  'transaction.stop-ids-ignored': z.array(z.number()).min(1),
  'transaction.local-ids': flag,
  'transaction.infer-start': flag,
  'transaction.never-refuse': flag,
  'transaction.start-means-stop': flag,

  'status.available-while-plugged': flag,
  'status.ignore-error-in': z.array(z.string()).min(1),
  'status.enum-map': z.record(z.string(), z.string()),
  'status.trigger-connector': z.enum(['each', 'zero', 'none']),
  'status.from-data-transfer': z.enum(['evbox']),

  'clock.zone': zone,
  'clock.distrust-after-boot-s': secondsFrom(1),

  'id-token.strip-suffix': z.string().min(1),
  'id-token.max-length': z.int().min(1).max(36),
  'id-token.from-key': z.string().min(1),

  'availability.never-set': flag,

  'validate.max-length': z.record(z.string(), z.int().min(1)),

  'tls.pinned-root': flag,
  'tls.needs-ca-upload': flag,
} as const satisfies Readonly<Record<string, z.ZodType>>

export type QuirkKey = keyof typeof QUIRK_VALUES
/** The quirks of one station with their values. */
export type QuirkValues = { readonly [K in QuirkKey]?: z.infer<(typeof QUIRK_VALUES)[K]> }

export const QUIRK_KEYS = Object.keys(QUIRK_VALUES) as readonly QuirkKey[]

export const isQuirkKey = (key: string): key is QuirkKey => Object.hasOwn(QUIRK_VALUES, key)

/** Why a quirk cannot have this value; null when it can. */
export function valueProblem(key: QuirkKey, value: unknown): string | null {
  const read = QUIRK_VALUES[key].safeParse(value)
  return read.success ? null : read.error.issues.map(({ message }) => message).join('; ')
}

function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) instanceof Intl.DateTimeFormat
  } catch {
    // The message of the schema says what is expected.
    return false
  }
}
