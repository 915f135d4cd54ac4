import { seconds } from '@busbar/units/time.ts'
import type { Depot } from '../../depot.ts'
import type { Run } from '../run.ts'
import { setLevel } from '../set-level.ts'
import { look } from '../sight.ts'
import { setPoints } from './levels.ts'
import type { Told } from './steps.ts'
import { shown } from './words.ts'

/** Below this, mA or W, nothing is charged. */
const NOTHING = 1000

/** A limit of 0, and one above it afterwards: charging pauses and goes on, or it does not. */
export async function zero(depot: Depot, run: Run): Promise<Told> {
  const { mid } = setPoints(depot, run)
  await setLevel(depot, run, { level: mid })
  const answer = await setLevel(depot, run, { level: 0 })
  if (answer === 'rejected') {
    run.measured({ pause: 'min-limit' })
    return { result: 'deviates', text: 'it refuses a limit of 0' }
  }
  run.mayEnd = true
  const ended = () => depot.transactionAt(run.evse.key) === undefined
  const { level, own } = await lookForEnd(depot, run, ended)
  if (ended()) return endedBy(run)
  run.mayEnd = false
  const drawn = level ?? own
  if (drawn === null) return { result: 'not-checked', text: 'nobody saw what it drew' }
  if (drawn > NOTHING) {
    run.measured({ pause: 'min-limit' })
    return { result: 'deviates', text: `at a limit of 0 it draws ${shown(run.evse, drawn)}` }
  }
  return resume(depot, run, mid)
}

async function lookForEnd(depot: Depot, run: Run, ended: () => boolean) {
  const since = depot.monotonic
  const seen = await look(depot, run, { level: 0, since, atMost: seconds(40) })
  await run.until(ended, seconds(20))
  return seen
}

function endedBy(run: Run): Told {
  run.measured({ pause: 'min-limit' })
  run.saw('profile.zero', 'ends', 'a limit of 0 ended its transaction')
  return { result: 'deviates', text: 'a limit of 0 ends its transaction' }
}

/** A first limit after 0 that is not followed is sent once more. */
async function resume(depot: Depot, run: Run, mid: number): Promise<Told> {
  const follows = async () => {
    await setLevel(depot, run, { level: mid })
    return look(depot, run, { level: mid, since: depot.monotonic, atMost: seconds(60) })
  }
  const first = await follows()
  if (first.follows) {
    run.measured({ pause: 'zero-limit' })
    return { result: 'passed', text: 'a limit of 0 pauses charging and the next limit lets it go on' }
  }
  const second = await follows()
  if (second.follows) {
    run.measured({ pause: 'zero-limit' })
    const text = 'after a limit of 0 it follows the next one only when that is sent twice'
    run.saw('profile.resend-after-zero', true, text)
    return { result: 'deviates', text: `${text}; before that it drew ${shown(run.evse, first.level)}` }
  }
  run.measured({ pause: 'min-limit' })
  return { result: 'deviates', text: 'after a limit of 0 charging does not go on: station or vehicle sleeps' }
}
