import { type Level, levelOf } from '../../../domain/load-balancing/rows.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import { tryLevel } from './levels.ts'
import type { Told } from './steps.ts'
import { shown } from './words.ts'

/** A multiple of every step tried, and steps above it, mA. */
const GRID = 4000
const STEPS = [500, 1000, 2000, 4000]
/** A draw this close to a limit is at it. */
const CLOSE = 0.3

/** Limits close together: the smallest rise that shows is its step. */
export async function rounding(depot: Depot, run: Run): Promise<Told> {
  if (run.evse.current !== 'ac') return { result: 'not-checked', text: 'limits are in watts' }
  const base = Math.ceil((levelOf(run.evse.fallback) + 1) / GRID) * GRID
  if (base + GRID > run.top - 1000)
    return { result: 'not-checked', text: 'the vehicle takes too little to tell steps apart' }
  const at = (level: Level) =>
    tryLevel(depot, run, level).then(({ sight }) => sight?.own ?? sight?.level ?? null)
  const low = await at(base)
  if (low === null) return { result: 'not-checked', text: 'nobody saw what it drew' }
  const offset = low - base
  for (const step of STEPS) {
    const drawn = await at(base + step)
    if (drawn === null) return { result: 'not-checked', text: 'nobody saw what it drew' }
    const rise = drawn - offset - base
    if (rise > step * (1 + CLOSE) + 100)
      return {
        result: 'deviates',
        text: `at ${shown(run.evse, base + step)} it rounds up, to ${shown(run.evse, drawn)}`,
      }
    if (rise < step * (1 - CLOSE)) continue
    run.measured({ 'limit-steps-a': step / 1000 })
    return { result: 'passed', text: `it follows limits in steps of ${step / 1000} A` }
  }
  return {
    result: 'deviates',
    text: `it does not tell ${shown(run.evse, base)} from ${shown(run.evse, base + GRID)}`,
  }
}
