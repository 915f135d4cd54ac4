import { between, type Duration, type Monotonic, seconds } from '@busbar/units/time.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'

/** A report this long ago: none is on its way. */
const QUIET = seconds(2)
const PATIENCE = seconds(30)
/** How long a station may take to dial again. */
export const COMES_BACK = seconds(180)

/**
 * Ends the connection and keeps the station out for a while, at a moment when it has nothing to say. Until `home` its
 * limits are not set anew.
 * @returns when; null when nobody can keep it out
 */
export async function sendAway(depot: Depot, run: Run, time: Duration): Promise<Monotonic | null> {
  const { door } = depot.deps
  if (door === undefined) return null
  const since = depot.monotonic
  await run.until(() => {
    const last = depot.observation(run.evse.key).reports.at(-1)
    return last !== undefined && last.at > since && between(last.at, depot.monotonic) >= QUIET
  }, PATIENCE)
  run.away = true
  door.shut(run.evse.station, time)
  return depot.monotonic
}

/** Waits for it. */
export const comesBack = (depot: Depot, run: Run): Promise<boolean> =>
  run.until(() => depot.links.has(run.evse.station), COMES_BACK)

/** From here on it is treated as any station: its limits are set anew. */
export async function home(depot: Depot, run: Run): Promise<void> {
  run.away = false
  run.lets = true
  const { station } = run.evse
  depot.setAnew(station)
  await run.until(() => depot.links.get(station)?.reconciled === true, seconds(20))
  run.lets = false
}
