import { z } from 'zod'

/** Registers each type takes. */
export const WORDS = { u16: 1, i16: 1, u32: 2, i32: 2, f32: 2, u64: 4, i64: 4, f64: 4 } as const

const register = z.int().min(0).max(65535).describe('zero-based address as sent on the wire')
const functionCode = z.literal([3, 4]).describe('3 holding registers, 4 input registers')
const wordOrder = z.enum(['high-first', 'low-first']).describe('which word of a value has the lower address')
const rawHex = z.string().regex(/^0x([0-9A-F]{4}|XXXX){1,4}$/)
const wordType = z.enum(['u16', 'i16', 'u32', 'i32', 'f32', 'u64', 'i64', 'f64'])

const pointName = z.enum([
  ...(['u_l1', 'u_l2', 'u_l3', 'i_l1', 'i_l2', 'i_l3', 'p_l1', 'p_l2', 'p_l3', 'p_total', 'f'] as const),
  ...(['i_n', 'pf_l1', 'pf_l2', 'pf_l3', 'pf_total'] as const),
  ...(['e_imp', 'e_exp', 'e_imp_t1', 'e_imp_t2', 'e_exp_t1', 'e_exp_t2'] as const),
  ...(['e_imp_l1', 'e_imp_l2', 'e_imp_l3', 'e_exp_l1', 'e_exp_l2', 'e_exp_l3'] as const),
])

const point = z.strictObject({
  addr: register,
  type: wordType,
  scale: z.number().positive().describe('raw times scale is the value in unit'),
  scaleCandidates: z.array(z.number().positive()).min(2).optional().describe('where models differ: one fits'),
  unit: z.enum(['V', 'A', 'W', 'Hz', 'Wh', '1']),
  scaleFactor: z.string().optional().describe('name of the power of ten that is read with the value'),
  decoder: z.literal('schneider-4q').optional().describe('power factor beyond 1 folded back: 2 - v, -2 - v'),
  optional: z.literal(true).optional().describe('some models lack it'),
  functionCode: functionCode.optional().describe('where it differs from the profile'),
  wordOrder: wordOrder.optional().describe('where it differs from the profile'),
})

const limits = z.strictObject({
  maxRead: z
    .int()
    .min(4)
    .max(125)
    .nullable()
    .describe('registers a request may ask for; null: not documented'),
  maxReadByModel: z.record(z.string(), z.int().min(2).max(125)).optional().describe('where a model differs'),
  atomicValues: z.boolean().describe('the device refuses a request that starts or ends inside a value'),
  minGapMs: z.int().min(0).optional().describe('from the end of a reply to the next request; 30 if absent'),
  deadlineMs: z.int().min(1).optional().describe('longest wait for a reply; TCP 1000, serial 500 if absent'),
})

const serial = z.strictObject({
  baud: z.int().min(1200).max(115_200).optional(),
  parity: z.enum(['none', 'even', 'odd']).optional(),
  stopBits: z.literal([1, 2]).optional(),
  unit: z.int().min(1).max(247).optional(),
})

const sentinel = z.strictObject({
  types: z.array(wordType).min(1),
  raw: z
    .union([z.literal('all-ones'), rawHex])
    .describe('raw words, high word first, that mean "no value"; XXXX is any word'),
})

const signs = z.strictObject({
  power: z.enum(['import-positive', 'export-positive']),
  current: z.enum(['magnitude', 'signed']).describe('signed: with the sign that the meter gives power'),
  powerFactor: z
    .enum(['none', 'direction', 'load-kind', 'quadrant'])
    .optional()
    .describe('what its sign tells: nothing, import or export, inductive or capacitive, the quadrant'),
})

const identity = z.strictObject({
  kind: z.enum(['equals', 'pin']).describe('equals: one of `oneOf`; pin: store once, then compare'),
  addr: register,
  type: z.union([wordType, z.literal('text')]),
  words: z.int().min(1).max(32).optional().describe('registers of a text'),
  functionCode: functionCode.optional(),
  alone: z.literal(true).optional().describe('says this only when asked for by itself'),
  models: z.array(z.string()).min(1).optional().describe('only these have it'),
  oneOf: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('raw words; of a text its beginning, any case'),
  meaning: z.string().min(1),
})

const sunspec = z.strictObject({
  models: z.array(z.int().min(1).max(65534)).min(1).describe('model ids that have this layout'),
  length: z.int().min(1).describe('what the length register says'),
})

const addressOffset = z.strictObject({
  default: z.int().min(-1).max(1),
  candidates: z.array(z.int().min(-1).max(1)).min(2).describe('sources differ: one fits the device'),
})

/** A meter as data: what each register holds and how the device wants to be asked. Field order is fixed. */
export const meterProfileShape = z
  .strictObject({
    $schema: z.string().optional(),
    id: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)+$/)
      .describe('vendor folder, hyphen, file name'),
    vendor: z.string().min(1),
    models: z.array(z.string().min(1)).min(1),
    verified: z.enum(['code', 'manual', 'device']).describe('what the map was checked against'),
    functionCode,
    alsoFunctionCode: functionCode.optional().describe('reads the same registers'),
    wordOrder,
    addressOffset: addressOffset.optional().describe('added to every address; 0 if absent'),
    sunspec: sunspec.optional().describe('addresses count from the id register of one of these models'),
    limits,
    serial: serial.optional().describe('as it leaves the factory'),
    sentinels: z.array(sentinel),
    zeroVoltage: z
      .literal('unknown')
      .optional()
      .describe('0 V on a phase means nothing is known of the phase'),
    signs,
    identity: z.array(identity),
    scaleFactors: z
      .record(z.string(), z.strictObject({ addr: register }))
      .optional()
      .describe('registers that hold a power of ten, -10 to 10; 0x8000 is none'),
    points: z.partialRecord(pointName, point),
    derived: z.partialRecord(pointName, z.array(pointName).min(2)).describe('sums of other points'),
    sources: z.array(z.url()).min(1),
  })
  .describe('Busbar meter profile')

export type MeterProfile = z.infer<typeof meterProfileShape>
export type PointName = z.infer<typeof pointName>
export type WordType = z.infer<typeof wordType>
export type MeterPoint = z.infer<typeof point>
export type FunctionCode = z.infer<typeof functionCode>
export type IdentityEntry = z.infer<typeof identity>

/** A point with the profile's defaults filled in. */
export interface ResolvedPoint {
  readonly name: PointName
  readonly addr: number
  readonly words: number
  readonly type: WordType
  readonly scale: number
  readonly functionCode: FunctionCode
  readonly wordOrder: 'high-first' | 'low-first'
  readonly optional: boolean
  readonly decoder?: 'schneider-4q'
  /** Register of the power of ten that belongs to the value. */
  readonly factorAddr?: number
}

/** The points of a profile in address order, defaults filled in. */
export const pointsOf = (profile: MeterProfile): readonly ResolvedPoint[] =>
  pointName.options
    .flatMap((name) => {
      const found = profile.points[name]
      return found ? [resolve(profile, name, found)] : []
    })
    .sort((a, b) => a.functionCode - b.functionCode || a.addr - b.addr)

function resolve(profile: MeterProfile, name: PointName, from: MeterPoint): ResolvedPoint {
  const factorAddr =
    from.scaleFactor === undefined ? undefined : profile.scaleFactors?.[from.scaleFactor]?.addr
  return {
    name,
    addr: from.addr,
    words: WORDS[from.type],
    type: from.type,
    scale: from.scale,
    functionCode: from.functionCode ?? profile.functionCode,
    wordOrder: from.wordOrder ?? profile.wordOrder,
    optional: from.optional === true,
    ...(from.decoder && { decoder: from.decoder }),
    ...(factorAddr !== undefined && { factorAddr }),
  }
}

/** The registers that a point needs from one and the same request: the value and its power of ten. */
export function spanOf({ functionCode, addr, words, factorAddr = addr }: ResolvedPoint) {
  const first = Math.min(addr, factorAddr)
  return { functionCode, addr: first, words: Math.max(addr + words, factorAddr + 1) - first }
}

/** Registers of an identity entry. */
export const identityWords = ({ type, words }: IdentityEntry): number =>
  type === 'text' ? (words ?? 1) : WORDS[type]
