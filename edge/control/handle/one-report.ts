import { PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { EvseSample } from '../../domain/inputs.ts'

/**
 * The samples of one message as one report: the newest of each value, of the current on each conductor. What a draw
 * proves is as old as the sample that tells of it, so the report's time is that of the oldest current in it, on DC that
 * of its power; a younger state of charge makes an old draw no younger.
 * @returns undefined where there is no sample
 */
export function oneReport(samples: readonly EvseSample[], current: 'ac' | 'dc'): EvseSample | undefined {
  const oldestFirst = [...samples].sort((a, b) => a.time.at - b.time.at)
  const last = oldestFirst.at(-1)
  if (last === undefined) return undefined
  const merged: EvseSample = Object.assign({}, ...oldestFirst)
  const power = oldestFirst.findLast(({ powerW }) => powerW !== undefined)
  const currents = newestCurrents(oldestFirst)
  const [draw] = current === 'dc' ? [power] : currents.from.length > 0 ? currents.from : [power]
  const { time } = draw ?? last
  return currents.from.length === 0 ? { ...merged, time } : { ...merged, currentA: currents.currentA, time }
}

/** Per conductor from the newest sample that tells of it; `from` has those that did, oldest first. */
function newestCurrents(oldestFirst: readonly EvseSample[]) {
  const currentA: Partial<Record<Phase, NonNullable<EvseSample['currentA']>[Phase]>> = {}
  const from = new Set<EvseSample>()
  for (const phase of PHASES) {
    const newest = oldestFirst.findLast((sample) => sample.currentA?.[phase] !== undefined)
    if (newest === undefined) continue
    currentA[phase] = newest.currentA?.[phase]
    from.add(newest)
  }
  return {
    currentA: currentA as NonNullable<EvseSample['currentA']>,
    from: oldestFirst.filter((sample) => from.has(sample)),
  }
}
