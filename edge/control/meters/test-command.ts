import { type EvseKey, evseKey } from '@busbar/model/ids.ts'
import { monotonic, seconds } from '@busbar/units/time.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import { levelOf } from '../../domain/load-balancing/rows.ts'
import { upstream } from '../../domain/site/feeding.ts'
import type { Depot } from '../depot.ts'
import { noteInspection, retest } from './self-testing.ts'

/** mA or W above the fallback that a station must draw to show a step. */
const LEAST_STEP = 4000
/** How long a station stays down for its step to be seen: its settle time, reports and the meter's own. */
const PAUSE = seconds(90)

/** What a device says of itself, from its adapter. */
export function meterInspected(
  depot: Depot,
  input: InputOf<'meter-inspected'>,
): Submitted<'meter-inspected'> {
  const watch = depot.watches.get(input.meter)
  if (watch !== undefined) noteInspection(depot, watch, input)
  return { outcome: undefined, durable: Promise.resolve() }
}

/** Tests a meter because a person asks; with a station, that one goes down to its fallback so that its step can be seen. */
export function meterTest(depot: Depot, input: InputOf<'meter-test'>): Submitted<'meter-test'> {
  const rejected = (reason: string): Submitted<'meter-test'> => ({
    outcome: { status: 'rejected', reason },
    durable: Promise.resolve(),
  })
  const watch = depot.watches.get(input.meter)
  if (watch === undefined) return rejected('this meter follows from others; test those')
  if (input.station === null) {
    retest(depot, watch, input.by)
    return { outcome: { status: 'accepted', reason: null }, durable: depot.recorder.record([]) }
  }
  const key = evseKey(input.station, input.evse ?? 1)
  const evse = depot.setup.site.evses.get(key)
  if (evse === undefined) return rejected(`there is no EVSE ${key}`)
  if (!upstream(depot.setup.site, evse.circuit).some(({ id }) => id === watch.place.circuit))
    return rejected(`${evse.label} does not hang below this meter`)
  const drawn = depot.observation(key).reports.at(-1)?.level ?? 0
  if (depot.transactionAt(key) === undefined || drawn < levelOf(evse.fallback) + LEAST_STEP)
    return rejected(`${evse.label} draws too little above its fallback to show a step`)
  const until = monotonic(depot.monotonic + PAUSE)
  retest(depot, watch, input.by)
  watch.test = { ...watch.test, pause: { evse: key, until } }
  depot.urge()
  return { outcome: { status: 'accepted', reason: null }, durable: depot.recorder.record([]) }
}

/** Whether an EVSE goes down to its fallback so that a meter can see its step. That takes power away and gives none. */
export const pausedForTest = (depot: Depot, key: EvseKey): boolean =>
  [...depot.watches.values()].some(({ test }) => test.pause?.evse === key)
