import { PHASES, type Phase } from '@busbar/units/per-phase.ts'
import { type MeterProfile, type PointName, pointsOf, spanOf } from '../../profiles/meter-profile.ts'
import { decode } from './decode.ts'
import { type Block, covers } from './plan-reads.ts'

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
    const span = spanOf(point)
    const block = blocks.find((candidate) => covers(candidate, span))
    if (!block) continue
    const start = point.addr - block.addr
    const words = block.words.slice(start, start + point.words)
    const factor = point.factorAddr === undefined ? undefined : block.words[point.factorAddr - block.addr]
    const value = decode({ words, factor }, point, profile.sentinels)
    if (value !== undefined) values[point.name] = value
  }
  if (profile.zeroVoltage === 'unknown')
    for (const phase of PHASES) if (values[`u_${phase}`] === 0) forget(values, phase)
  return { ...values, ...sums(profile, values) }
}

/** Takes away what a device that writes 0 for "no value" says of a phase without voltage. */
function forget(values: PointValues, phase: Phase): void {
  for (const quantity of ['u', 'i', 'p', 'pf'] as const) delete values[`${quantity}_${phase}`]
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
