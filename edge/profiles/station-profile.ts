import { z } from 'zod'
import { isQuirkKey, valueProblem } from './quirk-values.ts'

/** Capabilities a station profile may state: what the model can do. @see firmware-profiles/QUIRKS.md */
export const capabilitiesSchema = z
  .strictObject({
    phases: z.literal([1, 2, 3]).describe('phases it can charge on'),
    'phase-switching': z.boolean().describe('can change between one and three phases'),
    'min-current-a': z.number().positive().describe('lowest current per phase at which a vehicle charges'),
    'max-current-a': z.number().positive().describe('rating per phase'),
    'limit-steps-a': z.number().positive().describe('steps to which it rounds a limit down'),
    'min-power-w': z.number().positive().describe('lowest DC power at which a vehicle charges'),
    dc: z.boolean().describe('gives direct current; limits are in watts'),
    'shared-power-w': z.number().positive().describe('power that its outlets share'),
    'smart-charging': z
      .enum(['none', 'station', 'evse', 'transaction'])
      .describe('what a limit can be set for'),
    pause: z.enum(['zero-limit', 'min-limit', 'stop-only']).describe('how charging is interrupted'),
    offline: z
      .enum(['keeps', 'fallback', 'full', 'zero', 'unknown'])
      .describe('what it does when it loses the CSMS'),
    'fallback-a': z.number().nonnegative().describe('current per phase it falls back to'),
    'starts-alone': z.boolean().describe('can start a vehicle without being authorised'),
    'settle-s': z
      .number()
      .positive()
      .describe('longest time from an accepted limit to the vehicle obeying it'),
    'proven-to-obey': z.boolean().describe('seen on a meter to obey every limit that it accepts'),
    'meter-quantities': z.array(z.string()).describe('measurands it sends'),
    'meter-interval-min-s': z.number().positive().describe('shortest interval between meter values'),
    soc: z.boolean().describe('reports the state of charge'),
    'local-list': z.boolean(),
    reservation: z.boolean(),
    unlock: z.boolean(),
    'security-profiles': z.array(z.literal([0, 1, 2, 3])),
  })
  .partial()

const version = z.string().regex(/^\d+(\.\d+)*$/, 'expected dotted numbers, e.g. "1.8.21"')
const versionRange = z
  .strictObject({ min: version, max: version })
  .partial()
  .describe('inclusive; an absent end is open')

const pattern = z.string().refine(isPattern, 'expected a regular expression')
function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    // The message of the schema says what is expected.
    return false
  }
}

const match = z
  .strictObject({
    vendor: z.string(),
    model: z.string().describe('a trailing * stands for any ending'),
    firmware: versionRange,
    identity: pattern.refine(
      (text) => text.startsWith('^') && text.endsWith('$'),
      'expected an anchored pattern, ^…$',
    ),
  })
  .partial()

const firmware = z.strictObject({
  pattern: pattern
    .refine(
      (text) => !isPattern(text) || groups(text) === 1,
      'expected exactly one group, around the dotted numbers',
    )
    .describe('finds the dotted numbers in what the station calls its firmware'),
  min: version.optional().describe('older ones are reported'),
  bad: z.array(version).default([]).describe('known to be faulty'),
  advice: z.string().optional(),
})
const groups = (text: string): number => (new RegExp(`${text}|`).exec('')?.length ?? 1) - 1

const quirkShape = z.strictObject({
  key: z.string().refine(isQuirkKey, 'expected a key of QUIRKS.md'),
  value: z.json(),
  reason: z.string().min(1),
  sources: z.array(z.url()).min(1),
  firmware: versionRange.optional(),
  confidence: z.enum(['high', 'medium', 'low']),
})
const quirk = quirkShape.superRefine(({ key, value }, context) => {
  const message = isQuirkKey(key) ? valueProblem(key, value) : null
  if (message !== null) context.addIssue({ code: 'custom', path: ['value'], message })
})

/** A station model as data, without code. Fields stand in this order. */
export const stationProfileSchema = z.strictObject({
  $schema: z.string().optional(),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'expected a-z, 0-9 and hyphens'),
  match: z.array(match).describe('any of these; empty only in the generic profile'),
  firmware: firmware.optional(),
  evidence: z.strictObject({
    who: z.string().min(1),
    date: z.iso.date(),
    document: z.string().min(1),
    tier: z.enum(['reported', 'bench', 'field', 'certified']),
  }),
  protocols: z.array(z.enum(['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'])).min(1),
  capabilities: capabilitiesSchema,
  quirks: z.array(quirk),
  settings: z.array(z.strictObject({ name: z.string().min(1), value: z.string() })),
  commissioning: z.array(z.string().min(1)),
  fixture: z.string().nullable().describe('trace that replays in CI'),
})

/** A station profile as its file has it. */
export type StationProfileFile = z.infer<typeof stationProfileSchema>
