import { z } from 'zod'

/** Registers each type takes. */
export const WORDS = { u16: 1, i16: 1, u32: 2, i32: 2, f32: 2, u64: 4, i64: 4, f64: 4 } as const

const register = z.int().min(0).max(65535).describe('zero-based address as sent on the wire')
const functionCode = z.literal([3, 4]).describe('3 holding registers, 4 input registers')
const wordOrder = z.enum(['high-first', 'low-first']).describe('which word of a value has the lower address')
const rawHex = z.string().regex(/^0x([0-9A-F]{4}){1,4}$/)
const wordType = z.enum(['u16', 'i16', 'u32', 'i32', 'f32', 'u64', 'i64', 'f64'])

const pointName = z.enum([
  ...(['u_l1', 'u_l2', 'u_l3', 'i_l1', 'i_l2', 'i_l3', 'p_l1', 'p_l2', 'p_l3', 'p_total', 'f'] as const),
  ...(['e_imp', 'e_exp', 'e_imp_t1', 'e_imp_t2', 'e_exp_t1', 'e_exp_t2'] as const),
])

const point = z.strictObject({
  addr: register,
  type: wordType,
  scale: z.number().positive().describe('raw times scale is the value in unit'),
  unit: z.enum(['V', 'A', 'W', 'Hz', 'Wh']),
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
  atomicValues: z.boolean().describe('the device refuses a request that starts or ends inside a value'),
  minGapMs: z.int().min(0).optional().describe('from the end of a reply to the next request; 30 if absent'),
  deadlineMs: z.int().min(1).optional().describe('longest wait for a reply; 1000 if absent'),
})

const sentinel = z.strictObject({
  types: z.array(wordType).min(1),
  raw: z.union([z.literal('all-ones'), rawHex]).describe('raw words, high word first, that mean "no value"'),
})

const signs = z.strictObject({
  power: z.enum(['import-positive', 'export-positive']),
  current: z.enum(['magnitude', 'signed']).describe('signed: with the sign that the meter gives power'),
})

const identity = z.strictObject({
  kind: z.enum(['equals', 'pin']).describe('equals: one of `oneOf`; pin: store once, then compare'),
  addr: register,
  type: wordType,
  functionCode: functionCode.optional(),
  oneOf: z.array(rawHex).min(1).optional(),
  meaning: z.string().min(1),
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
    wordOrder,
    limits,
    sentinels: z.array(sentinel),
    signs,
    identity: z.array(identity),
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

/** A point with the profile's defaults filled in. */
export interface ResolvedPoint {
  readonly name: PointName
  readonly addr: number
  readonly words: number
  readonly type: WordType
  readonly scale: number
  readonly functionCode: FunctionCode
  readonly wordOrder: 'high-first' | 'low-first'
}

/** The points of a profile in address order, defaults filled in. */
export const pointsOf = (profile: MeterProfile): readonly ResolvedPoint[] =>
  pointName.options
    .flatMap((name) => {
      const found = profile.points[name]
      return found ? [resolve(profile, name, found)] : []
    })
    .sort((a, b) => a.functionCode - b.functionCode || a.addr - b.addr)

const resolve = (profile: MeterProfile, name: PointName, from: MeterPoint): ResolvedPoint => ({
  name,
  addr: from.addr,
  words: WORDS[from.type],
  type: from.type,
  scale: from.scale,
  functionCode: from.functionCode ?? profile.functionCode,
  wordOrder: from.wordOrder ?? profile.wordOrder,
})
