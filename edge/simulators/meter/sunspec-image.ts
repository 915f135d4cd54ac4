import type { PointName } from '../../profiles/meter-profile.ts'

/** Registers of one place in a map. */
export interface Placed {
  readonly functionCode: number
  readonly addr: number
  readonly words: readonly number[]
  readonly name?: PointName
}

const BASE = 40_000
const COMMON_LENGTH = 66
/** Where the model of the meter begins: after the marker, and the common model with its header. */
const MODEL_ADDR = BASE + 2 + 2 + COMMON_LENGTH

/** A model's registers, counted from its id register, in the map of a whole SunSpec device. */
export function sunspecDevice(
  model: { readonly id: number; readonly length: number; readonly serial: string },
  registers: readonly Placed[],
): Placed[] {
  const at = (addr: number, words: readonly number[]): Placed => ({ functionCode: 3, addr, words })
  return [
    at(BASE, [0x5375, 0x6e53]),
    at(BASE + 2, [1, COMMON_LENGTH]),
    at(BASE + 4, letters('Busbar', 16)),
    at(BASE + 20, letters('Virtual meter', 16)),
    at(BASE + 44, letters('1', 8)),
    at(BASE + 52, letters(model.serial, 16)),
    at(MODEL_ADDR, [model.id, model.length]),
    ...registers.map((one) => ({ ...one, addr: one.addr + MODEL_ADDR })),
    at(MODEL_ADDR + 2 + model.length, [0xffff, 0]),
  ]
}

/** Two letters a register, filled with zeros. */
export const letters = (text: string, words: number): number[] => {
  const bytes = Buffer.alloc(2 * words)
  bytes.write(text, 'ascii')
  return Array.from({ length: words }, (_, index) => bytes.readUInt16BE(2 * index))
}
