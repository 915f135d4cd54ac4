import { type MeterProfile, type PointName, pointsOf } from '../../profiles/meter-profile.ts'
import { decode } from './decode.ts'
import type { Block } from './plan-reads.ts'

/** Values in the units of the profile; a point without a value is absent. */
export type PointValues = Partial<Record<PointName, number>>

/** A block with what it held. */
export interface ReadBlock extends Block {
  readonly words: readonly number[]
}

/** The values of one scan, sums included; a sum with a missing part is absent. */
export function decodeScan(profile: MeterProfile, blocks: readonly ReadBlock[]): PointValues {
  const values: PointValues = {}
  for (const point of pointsOf(profile)) {
    const block = blocks.find(
      ({ functionCode, addr, count }) =>
        functionCode === point.functionCode && point.addr >= addr && point.addr + point.words <= addr + count,
    )
    const start = point.addr - (block?.addr ?? 0)
    const value = block && decode(block.words.slice(start, start + point.words), point, profile.sentinels)
    if (value !== undefined) values[point.name] = value
  }
  return { ...values, ...sums(profile, values) }
}

function sums(profile: MeterProfile, values: PointValues): PointValues {
  const found: PointValues = {}
  for (const name of pointNames(profile.derived)) {
    const parts = (profile.derived[name] ?? []).map((part) => values[part])
    const known = parts.filter((part) => part !== undefined)
    if (known.length === parts.length) found[name] = known.reduce((sum, part) => sum + part, 0)
  }
  return found
}

const pointNames = (record: MeterProfile['derived']): PointName[] => Object.keys(record) as PointName[]
