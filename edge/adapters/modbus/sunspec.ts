import { textOf } from './identity.ts'
import type { ModbusFailure, ModbusReply } from './modbus-result.ts'
import type { Block } from './plan-reads.ts'

/** A model that a device has. */
export interface SunspecModel {
  readonly id: number
  /** Of its id register. */
  readonly addr: number
  /** Registers after the two of its header. */
  readonly length: number
}

/** What a device says of itself and what models it has, in their order. */
export interface SunspecMap {
  readonly base: number
  readonly manufacturer: string
  readonly model: string
  readonly version: string
  readonly serial: string
  readonly models: readonly SunspecModel[]
}

/** Why there is no map: the line failed, or what was read is no SunSpec map. */
export type SunspecFailure = ModbusFailure | { readonly failed: 'sunspec'; readonly reason: string }

export type Reader = (block: Block) => Promise<ModbusReply | ModbusFailure>

const BASES = [40_000, 50_000, 0]
const MARKER = [0x5375, 0x6e53]
const END = 0xffff
const MOST_MODELS = 64
/** Models whose length does not vary. */
const LENGTHS: Readonly<Record<number, readonly number[]>> = {
  1: [65, 66],
  ...Object.fromEntries([201, 202, 203, 204].map((id) => [id, [105]])),
  ...Object.fromEntries([211, 212, 213, 214].map((id) => [id, [124]])),
  701: [153],
}

/** Small reads of different lengths at which a SunSpec device answers something. */
export const SUNSPEC_PROBES: readonly Block[] = BASES.flatMap((addr) =>
  [2, 3, 4, 6].map((count) => ({ functionCode: 3, addr, count }) as const),
)

/** Finds the marker and walks from model to model. @see SunSpec Device Information Model Specification */
export async function walkSunspec(read: Reader): Promise<SunspecMap | SunspecFailure> {
  for (const base of BASES) {
    const marker = await read(registers(base, 2))
    if ('failed' in marker && !marker.failed.startsWith('exception')) return marker
    if ('failed' in marker || marker.words.some((word, index) => word !== MARKER[index])) continue
    const models = await modelsFrom(base + 2, read)
    return 'failed' in models ? models : withCommon({ base, models }, read)
  }
  return none(`no SunSpec marker at ${BASES.join(', ')}`)
}

async function modelsFrom(first: number, read: Reader): Promise<SunspecModel[] | SunspecFailure> {
  const models: SunspecModel[] = []
  for (let addr = first; addr <= 0xffff; ) {
    const header = await read(registers(addr, 2))
    if ('failed' in header) return header
    const [id = END, length = 0] = header.words
    if (id === END) return models
    const known = LENGTHS[id]
    if (known && !known.includes(length))
      return none(`model ${id} at ${addr} has length ${length}, expected ${known.join(' or ')}`)
    if (models.length === MOST_MODELS) return none(`more than ${MOST_MODELS} models`)
    models.push({ id, addr, length })
    addr += 2 + length
  }
  return none('the list of models has no end')
}

async function withCommon(
  map: Pick<SunspecMap, 'base' | 'models'>,
  read: Reader,
): Promise<SunspecMap | SunspecFailure> {
  const common = map.models[0]
  if (common?.id !== 1) return none(`the first model is ${common?.id ?? 'missing'}, expected 1`)
  const reply = await read(registers(common.addr + 2, 64))
  if ('failed' in reply) return reply
  const text = (offset: number, words: number) => textOf(reply.words.slice(offset - 2, offset - 2 + words))
  return {
    ...map,
    manufacturer: text(2, 16),
    model: text(18, 16),
    version: text(42, 8),
    serial: text(50, 16),
  }
}

/**
 * The model with one of these ids, in their order of preference.
 * @param instance which of several equal ones, from 1
 */
export function findModel(map: SunspecMap, ids: readonly number[], instance = 1): SunspecModel | undefined {
  for (const id of ids) {
    const found = map.models.filter((model) => model.id === id)[instance - 1]
    if (found) return found
  }
  return undefined
}

const registers = (addr: number, count: number): Block => ({ functionCode: 3, addr, count })
const none = (reason: string): SunspecFailure => ({ failed: 'sunspec', reason })
