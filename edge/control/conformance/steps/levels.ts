import { type Level, levelOf } from '../../../domain/load-balancing/rows.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import { type LevelAnswer, setLevel } from '../set-level.ts'
import { look, type Sight } from '../sight.ts'
import type { Told } from './steps.ts'
import { seenBy, shown } from './words.ts'

/** Levels between the fallback and what the vehicle takes: the middle, three quarters, and the lowest. */
export function setPoints(
  depot: Depot,
  run: Run,
): { readonly mid: Level; readonly high: Level; readonly min: Level } {
  const { evse, top } = run
  const { minCurrentA, minPowerW } = depot.capabilitiesOf(evse)
  const fallback = levelOf(evse.fallback)
  const part = (share: number) => Math.floor((fallback + share * (top - fallback)) / 1000) * 1000
  return { mid: part(0.5), high: part(0.75), min: evse.current === 'ac' ? minCurrentA * 1000 : minPowerW }
}

interface Tried {
  readonly level: Level
  readonly answer: LevelAnswer
  readonly sight: Sight | null
}

/** Sets a limit and looks what comes of it. */
export async function tryLevel(depot: Depot, run: Run, level: Level): Promise<Tried> {
  const answer = await setLevel(depot, run, { level })
  const since = depot.monotonic
  return { level, answer, sight: answer === 'accepted' ? await look(depot, run, { level, since }) : null }
}

/** Above this a vehicle that takes nothing is not waiting for a higher minimum. */
const LAST_MINIMUM = 10_000

/** Limits from the middle up and down again: accepted, and obeyed by the meter. */
export async function levels(depot: Depot, run: Run): Promise<Told> {
  const { mid, high, min } = setPoints(depot, run)
  const tried: Tried[] = []
  for (const level of [mid, high, min, mid]) {
    const each = await tryLevel(depot, run, level)
    if (each.answer === 'rejected')
      return {
        result: 'deviates',
        text: `it refuses a limit of ${shown(run.evse, level)} for its transaction`,
      }
    tried.push(each)
  }
  await findMinimum(depot, run, min)
  return verdict(run, tried)
}

/** The lowest limit at which the vehicle takes anything. */
async function findMinimum(depot: Depot, run: Run, min: Level): Promise<void> {
  if (run.evse.current !== 'ac') return
  for (let level = min; level <= LAST_MINIMUM; level += 1000) {
    const { sight } = await tryLevel(depot, run, level)
    if (sight?.level == null) return
    if (sight.level < level / 2) continue
    run.measured({ 'min-current-a': level / 1000 })
    return
  }
}

function verdict(run: Run, tried: readonly Tried[]): Told {
  const unseen = tried.find(({ sight }) => sight?.level == null)
  if (unseen !== undefined)
    return {
      result: 'not-checked',
      text: `nobody saw what it drew at ${shown(run.evse, unseen.level)}: ${unseen.answer}`,
    }
  const wrong = tried.find(({ sight }) => sight?.obeyed === false)
  if (wrong?.sight != null) {
    run.measured({ 'smart-charging': 'none', 'proven-to-obey': false })
    return {
      result: 'deviates',
      text: `it accepted ${shown(run.evse, wrong.level)} and drew ${shown(run.evse, wrong.sight.level)} ${seenBy(wrong.sight)}`,
    }
  }
  // Middle and three quarters lie below what the vehicle takes: it has to be seen at them.
  const steady = tried
    .filter(({ level }) => level !== tried[2]?.level)
    .every(({ sight }) => sight?.follows === true)
  const [first] = tried
  if (first?.sight == null) return { result: 'not-checked', text: 'no limit was set' }
  run.obeys = steady
  const settleS = Math.ceil(run.settledS ?? 30) + 1
  const proven = steady && run.meter !== null && tried.every(({ sight }) => sight?.atOdds === false)
  run.measured({ 'smart-charging': 'transaction', 'proven-to-obey': proven, 'settle-s': settleS })
  if (run.spikeS > 0)
    run.saw(
      'profile.spike-on-set-s',
      Math.ceil(run.spikeS),
      `it drew more for ${run.spikeS.toFixed(0)} s after a new limit`,
    )
  return {
    result: steady ? 'passed' : 'deviates',
    text: steady
      ? `it followed every limit within ${settleS} s, ${seenBy(first.sight)}`
      : `it drew less than its limits allow, ${seenBy(first.sight)}`,
  }
}
