import { type Duration, type Monotonic, monotonic, seconds } from '@busbar/units/time.ts'
import { type Level, levelOf } from '../../../domain/load-balancing/rows.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import { setLevel } from '../set-level.ts'
import { look, near } from '../sight.ts'
import { comesBack, home, sendAway } from './away.ts'
import { fallsBackTo } from './duration.ts'
import { setPoints } from './levels.ts'
import { stayedAway } from './reconnect.ts'
import type { Told } from './steps.ts'
import { shown } from './words.ts'

/** The limit that it has when it loses us, and how long it is kept out beyond that. */
const LEASE = seconds(90)
const BEYOND = seconds(50)
/** After a change the vehicle takes time to follow, and a clock may be off. */
const SETTLES = seconds(20)

/** What it drew alone: while its limit still held, and after that had run out. */
interface Alone {
  readonly held: Level
  readonly after: Level
}

/** Nobody there: by the site's meter, does it keep its limit, fall back when that ends, stop or go to full power. */
export async function loss(depot: Depot, run: Run): Promise<Told> {
  const { mid } = setPoints(depot, run)
  if (run.meter === null) return { result: 'not-checked', text: 'no meter of the site sees it well enough' }
  await setLevel(depot, run, { level: mid, lease: LEASE })
  const ends = monotonic(depot.monotonic + LEASE)
  await look(depot, run, { level: mid, since: depot.monotonic })
  const until = monotonic(ends + BEYOND)
  const left = await sendAway(depot, run, (until - depot.monotonic) as Duration)
  if (left === null) return { result: 'not-checked', text: 'nobody can keep it out here' }
  await run.until(() => depot.monotonic >= until, COMES_ROUND)
  const alone = seenAlone(run, { left, ends })
  if (!(await comesBack(depot, run))) return stayedAway(run)
  await home(depot, run)
  if (alone === null) return { result: 'not-checked', text: 'the meter was silent meanwhile' }
  if (fell(alone, mid) && !(await takesStill(depot, run, mid)))
    return {
      result: 'not-checked',
      text: 'it drew less without us, and so it does with us: the vehicle takes no more',
    }
  return verdict(run, alone, mid)
}

/** What it drew fell, which may be the vehicle's doing as well as the station's. */
const fell = ({ held, after }: Alone, mid: Level): boolean =>
  [held, after].some((drawn) => drawn < mid && !near(drawn, mid))

/** The vehicle takes the limit that it had before, once that is set again. */
async function takesStill(depot: Depot, run: Run, mid: Level): Promise<boolean> {
  if (depot.transactionAt(run.evse.key) === undefined) return false
  await setLevel(depot, run, { level: mid })
  const { level, own } = await look(depot, run, { level: mid, since: depot.monotonic })
  const drawn = level ?? own
  return drawn !== null && near(drawn, mid)
}
const COMES_ROUND = seconds(300)

function seenAlone(run: Run, { left, ends }: { left: Monotonic; ends: Monotonic }): Alone | null {
  const seen = run.meter?.seen(left) ?? []
  const between = (from: number, to: number) =>
    seen.filter(({ at }) => at >= from && at < to).map(({ level }) => level)
  const held = median(between(left + SETTLES, ends - 2000))
  const after = median(between(ends + SETTLES, Number.POSITIVE_INFINITY))
  return held === null || after === null ? null : { held, after }
}

function verdict(run: Run, { held, after }: Alone, mid: Level): Told {
  const text = (what: string) => `without us it ${what}, by the site's meter`
  const fallback = levelOf(run.evse.fallback)
  if (above(held, mid)) {
    run.measured({ offline: 'full' })
    return { result: 'deviates', text: text(`went to ${shown(run.evse, held)}`) }
  }
  if (held < fallback / 2) {
    run.measured({ offline: 'zero' })
    return { result: 'deviates', text: text('stopped charging') }
  }
  if (near(after, fallback) || after < fallback) {
    run.measured({ offline: 'fallback' })
    return {
      result: 'passed',
      text: text('kept its limit until that ran out, then fell back to its default'),
    }
  }
  if (near(after, mid)) {
    run.measured({ offline: 'keeps' })
    return { result: 'deviates', text: text('kept its limit although that had run out') }
  }
  run.measured({ offline: 'fallback' })
  fallsBackTo(run, after)
  return { result: 'deviates', text: text(`went to ${shown(run.evse, after)} when its limit ran out`) }
}

const above = (drawn: Level, level: Level): boolean => drawn > level && !near(drawn, level)

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}
