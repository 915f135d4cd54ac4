import { between, type Duration, type Monotonic, monotonic, seconds } from '@busbar/units/time.ts'
import { type Report, tolerated } from '../../domain/load-balancing/observation.ts'
import type { Level } from '../../domain/load-balancing/rows.ts'
import type { Depot } from '../depot.ts'
import type { Run } from './run.ts'
import type { Seen } from './site-meter.ts'

/** What an EVSE draws at a limit. */
export interface Sight {
  /** What counts: by the site's meter where one sees it, else by the station's own values; null when neither tells. */
  readonly level: Level | null
  /** By the station's own values. */
  readonly own: Level | null
  readonly by: 'site-meter' | 'station'
  /** No more than the limit, as far as is tolerated. */
  readonly obeyed: boolean
  /** No less either. */
  readonly follows: boolean
  /** The station tells something else than the meter reads. */
  readonly atOdds: boolean
}

/** How far off a draw may be and still be at a level. */
export const band = (level: Level): number => tolerated(level) - level
export const near = (drawn: Level, level: Level): boolean => Math.abs(drawn - level) <= band(level)

/** Readings of the site's meter are judged over this. */
const WINDOW = seconds(4)
/** A draw this far above what was and what is to be is a spike. */
const SPIKE = 2000
/** Reports further apart than this are asked for. */
const SELDOM = seconds(10)
const ASK_EVERY = seconds(5)

/** The station's own reports since then. */
export const reportsSince = (depot: Depot, run: Run, since: Monotonic): readonly Report[] =>
  depot.observation(run.evse.key).reports.filter(({ at, level }) => at > since && level !== null)

/** Looks until the draw has settled at a limit that was accepted at `since`, or `atMost` has passed. */
export async function look(
  depot: Depot,
  run: Run,
  { level, since, atMost = seconds(45) }: { level: Level; since: Monotonic; atMost?: Duration },
): Promise<Sight> {
  const settled = () => {
    const last = reportsSince(depot, run, since).slice(-2)
    return last.length === 2 && last.every((report) => near(report.level ?? 0, level))
  }
  await seeReports(depot, run, { holds: settled, atMost })
  const own = ownLevel(depot, run, since)
  const window = monotonic(Math.max(since, depot.monotonic - WINDOW))
  const readings = run.meter?.seen(since) ?? []
  const read = mean(readings.filter(({ at }) => at >= window).map((each) => each.level))
  const drawn = read ?? own
  const atOdds = read !== null && own !== null && Math.abs(read - own) > Math.max(1500, own * 0.15)
  noteTimes(depot, run, { level, since, readings })
  run.drawn = drawn ?? run.drawn
  if (own !== null && read !== null && !atOdds) run.meter?.trust(own, window)
  return {
    level: drawn,
    own,
    by: read === null ? 'station' : 'site-meter',
    obeyed: drawn !== null && drawn <= tolerated(level),
    follows: drawn !== null && near(drawn, level),
    atOdds,
  }
}

/** Waits for what the station tells; a station that seldom does is asked. */
export async function seeReports(
  depot: Depot,
  run: Run,
  { holds, atMost }: { holds: () => boolean; atMost: Duration },
): Promise<boolean> {
  const until = monotonic(depot.monotonic + atMost)
  const seldom = interval(depot, run) > SELDOM
  for (;;) {
    const left = between(depot.monotonic, until)
    if (await run.until(holds, seldom ? (Math.min(left, ASK_EVERY) as Duration) : left)) return true
    if (depot.monotonic >= until) return false
    const { station, evse } = run.evse
    const trigger = { kind: 'trigger', message: 'MeterValues', evse } as const
    void depot.deps.commands
      .send(station, trigger, { priority: 'poll', deadline: seconds(10) })
      .catch(() => undefined)
  }
}

function interval(depot: Depot, run: Run): number {
  const [before, last] = depot.observation(run.evse.key).reports.slice(-2)
  return before === undefined || last === undefined ? Number.POSITIVE_INFINITY : between(before.at, last.at)
}

/** The mean of the last two reports since then. */
export const ownLevel = (depot: Depot, run: Run, since: Monotonic): Level | null =>
  mean(
    reportsSince(depot, run, since)
      .slice(-2)
      .map(({ level }) => level ?? 0),
  )

/** Keeps the longest time to settle, and of a spike right after a limit. */
function noteTimes(
  depot: Depot,
  run: Run,
  { level, since, readings }: { level: Level; since: Monotonic; readings: readonly Seen[] },
): void {
  const told = reportsSince(depot, run, since).map(({ at, level: drawn }) => ({ at, level: drawn ?? 0 }))
  const seen = readings.length > 0 ? readings : told
  const most = Math.max(run.drawn, level)
  const spike = seen.findLast((each) => each.level > most + 2 * band(most) + SPIKE)
  if (spike !== undefined) run.spikeS = Math.max(run.spikeS, between(since, spike.at) / 1000)
  const last = seen.at(-1)
  if (last === undefined || last.level > tolerated(level)) return
  const late = seen.findLast((each) => !near(each.level, level) && each.level > level)?.at ?? since
  const first = seen.find(({ at }) => at > late)?.at ?? last.at
  run.settledS = Math.max(run.settledS ?? 0, between(since, first) / 1000)
}

export const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
