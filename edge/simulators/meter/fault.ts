import { z } from 'zod'

const ms = z.number().min(0)
const phase = z.enum(['l1', 'l2', 'l3'])
/** Points of the profile by name; all of them when absent. */
const points = z.array(z.string()).min(1).optional()

/** Which requests a fault strikes, and when it is in force: all of them, at once and until it is ended. */
const scope = {
  unit: z.int().min(0).max(255).optional(),
  /** Every n-th of these requests. */
  every: z.int().min(1).optional(),
  /** Share of these requests, by chance. */
  rate: z.number().gt(0).max(1).optional(),
  afterMs: ms.optional(),
  forMs: ms.optional(),
}

const fault = <K extends string, T extends z.ZodRawShape>(kind: K, more: T) =>
  z.strictObject({ kind: z.literal(kind), ...scope, ...more })

const ofTheConnection = [
  fault('refuse', {}),
  fault('reset', {}),
  fault('fin', {}),
  fault('halfOpen', {}),
  fault('ptyGone', {}),
] as const

const ofTheAnswer = [
  fault('dropReply', {}),
  fault('deadUnit', {}),
  fault('flappingUnit', { onMs: ms, offMs: ms }),
  fault('lateReply', { delayMs: ms.optional(), jitterMs: ms.optional() }),
  fault('slowStart', { delayMs: ms, requests: z.int().min(1) }),
  fault('exception', {
    code: z.int().min(0).max(255),
    registers: z.tuple([z.int(), z.int()]).optional(),
  }),
  fault('gatewayCache', { refreshMs: ms.optional() }),
] as const

const ofTheFrame = [
  fault('crcError', {}),
  fault('truncate', { bytes: z.int().min(1).default(1) }),
  fault('splitFrame', { gapMs: ms.default(0), bytes: z.int().min(1).default(1) }),
  fault('coalesce', {}),
  fault('garbagePrefix', {
    hex: z
      .string()
      .regex(/^([0-9a-fA-F]{2})+$/)
      .default('00ff'),
  }),
  fault('echo', {}),
  fault('wrongUnit', { by: z.int().default(1) }),
  fault('wrongFunction', { code: z.int().min(0).max(255).default(6) }),
  fault('wrongLength', { by: z.int().default(1), honest: z.boolean().default(false) }),
] as const

const ofTheValues = [
  fault('stale', { points }),
  fault('swappedWords', { points }),
  fault('swappedBytes', { points }),
  fault('offByOne', { by: z.literal([1, -1]).default(1) }),
  fault('counterWrap', { atWh: z.number().positive() }),
  fault('scaleFactor', { name: z.string(), power: z.int().min(-32768).max(32767) }),
  fault('scaleChange', { by: z.number(), points }),
  fault('sentinel', { points }),
  fault('nan', { points }),
  fault('zeroFill', { points }),
  fault('ctReversed', { phase: phase.optional() }),
  fault('phaseSwap', { phases: z.tuple([phase, phase]), of: z.enum(['current', 'all']).default('all') }),
  fault('phaseLoss', { phase, of: z.enum(['voltage', 'all']).default('all') }),
  fault('sampleSkew', { byMs: ms }),
] as const

/** What happens once and stays. */
const happenings = [
  fault('registerReset', {}),
  fault('counterJump', { byWh: z.number() }),
  fault('meterSwap', {
    serial: z.int().min(0),
    importWh: z.number().default(0),
    exportWh: z.number().default(0),
  }),
] as const

const HAPPENINGS: readonly string[] = happenings.map(({ shape }) => shape.kind.value)

/**
 * What can be wrong with a meter or its line. The connection: `refuse` takes none and cuts those there are, `reset` and
 * `fin` end it at a request, `halfOpen` deafens those there are, `ptyGone` takes the serial device away. The answer:
 * `lateReply` comes after `delayMs` and up to `jitterMs` more, without a delay only when the next request came;
 * `slowStart` delays the first of a connection; a `flappingUnit` is there for `onMs` of every `onMs + offMs`;
 * `gatewayCache` answers each request as it was answered first, be the unit dead or not. The frame: `wrongLength` says
 * more bytes than it has, or when `honest` has as many more registers as it says; `coalesce` keeps every second answer
 * and sends it with the next. The values: `scaleFactor` moves a power of ten and the values with it, `scaleChange`
 * multiplies values only; `phaseSwap` of currents leaves the voltages where they are. Further: what happens once.
 */
export const meterFaultShape = z.discriminatedUnion('kind', [
  ...ofTheConnection,
  ...ofTheAnswer,
  ...ofTheFrame,
  ...ofTheValues,
  ...happenings,
])

/** A fault with its defaults filled in. */
export type MeterFault = z.output<typeof meterFaultShape>
/** A fault as it is asked for. */
export type MeterFaultRequest = z.input<typeof meterFaultShape>
export type FaultKind = MeterFault['kind']
export type FaultOf<K extends FaultKind> = Extract<MeterFault, { kind: K }>

export const isHappening = ({ kind }: MeterFault): boolean => HAPPENINGS.includes(kind)
