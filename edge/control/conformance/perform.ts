import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { monotonic, seconds } from '@busbar/units/time.ts'
import type {
  ConformanceFinding,
  ConformanceStep,
} from '../../domain/charging/conformance/conformance-facts.ts'
import { stationRecords } from '../../domain/charging/station.ts'
import type { EvseSample } from '../../domain/inputs.ts'
import type { ChargingLimit } from '../../domain/limit.ts'
import { levelOf } from '../../domain/load-balancing/rows.ts'
import type { Depot } from '../depot.ts'
import { sendLimit } from '../effects.ts'
import { takeRoom } from './room.ts'
import type { Run } from './run.ts'
import { setLevel } from './set-level.ts'
import { look, ownLevel, seeReports } from './sight.ts'
import { meterOver } from './site-meter.ts'
import { STEPS, type Told } from './steps/steps.ts'

/** Below this step, mA or W, nothing can be told apart: a quarter of the EVSE's range above its fallback. */
const LEAST_RANGE = 6000
const NOISE_SHARE = 8

/** Goes through all steps, and leaves the station with its normal limit whatever comes. */
export async function perform(depot: Depot, run: Run): Promise<void> {
  let reason: string | null = null
  try {
    await prepare(depot, run)
    for (const step of STEPS) await take(depot, run, step)
  } catch (error) {
    reason = messageOf(error)
  }
  await leave(depot, run, reason)
}

async function take(depot: Depot, run: Run, { step, needs, measure }: (typeof STEPS)[number]): Promise<void> {
  run.current = step
  const lacking = run.of.skip.includes(step) ? 'left out by request' : lacks(depot, run, needs)
  const told: Told = lacking === null ? await measure(depot, run) : { result: 'not-checked', text: lacking }
  run.steps.push(findingOf(step, told))
}

const findingOf = (step: ConformanceStep, told: Told): ConformanceFinding => ({ step, ...told })

function lacks(depot: Depot, run: Run, needs: (typeof STEPS)[number]['needs']): string | null {
  if (!depot.links.has(run.evse.station)) return 'it is not connected any more'
  if (needs === 'none') return null
  if (depot.transactionAt(run.evse.key) === undefined) return 'its transaction is over'
  if (needs === 'obedience' && !run.obeys) return 'it does not follow the limits it is sent'
  return null
}

/** Room for the rating, what the vehicle takes of that, and a meter that sees it. */
async function prepare(depot: Depot, run: Run): Promise<void> {
  const refusedBy = await takeRoom(depot, run)
  if (refusedBy !== null) throw aborted(`there is no room for its rating: ${refusedBy}`)
  const rating = levelOf(run.evse.rating)
  const fallback = levelOf(run.evse.fallback)
  const answer = await setLevel(depot, run, { level: rating })
  // Where no limit of a transaction is taken, a default lets the vehicle take all it can.
  if (answer === 'rejected') await setDefault(depot, run, run.evse.rating)
  const since = depot.monotonic
  await look(depot, run, { level: rating, since })
  // A vehicle takes its time to reach what it takes at most.
  await seeReports(depot, run, { holds: () => false, atMost: seconds(15) })
  const top = ownLevel(depot, run, since)
  if (top === null) throw aborted(untold(run))
  run.top = top
  if (top - fallback < LEAST_RANGE)
    throw aborted('the vehicle takes too little above the fallback to tell limits apart')
  trustMeter(depot, run)
  if (answer === 'rejected') await setDefault(depot, run, run.evse.fallback)
}

function trustMeter(depot: Depot, run: Run): void {
  const meter = meterOver(depot, run.evse)
  const lately = monotonic(depot.monotonic - seconds(10))
  const range = run.top - levelOf(run.evse.fallback)
  if (meter === null || meter.noise(lately) > range / NOISE_SHARE) return
  run.meter = meter
  meter.trust(run.top, lately)
}

/** Past the ledger: the EVSE counts at its rating, and all is set anew afterwards. */
const setDefault = (depot: Depot, { evse }: Run, limit: ChargingLimit) =>
  depot.deps.commands.send(
    evse.station,
    { kind: 'set-default-limit', evse: evse.evse, limit },
    { priority: 'operator', deadline: seconds(15) },
  )

const aborted = (reason: string) => new DepotError('conformance.aborted', reason)

/** Why nothing is known of what the EVSE draws. */
function untold(run: Run): string {
  const told = ({ currentA, powerW }: EvseSample) => currentA !== undefined || powerW !== undefined
  const elsewhere = run.heard.some(({ evse, sample }) => evse === 0 && told(sample))
  if (!elsewhere) return 'the station does not tell what the vehicle takes'
  const text = 'it tells the values of its EVSE as those of the whole station'
  run.saw('meter.connector-zero', 'as-connector-1', text)
  return text
}

/** The fallback at once, then everything anew; what was found becomes a fact. */
async function leave(depot: Depot, run: Run, reason: string | null): Promise<void> {
  const { station, key, fallback, evse } = run.evse
  run.current = null
  if (run.away) depot.deps.door?.shut(station, seconds(0))
  if (depot.links.has(station)) sendLimit(depot, run.evse, { level: levelOf(fallback), kind: 'decrease' })
  depot.conformance.end(run)
  const record = depot.memory.table(stationRecords).get(station)
  depot.recorder.note([
    depot.recorder.fact(
      'ConformanceEnded',
      { type: 'evse', id: key },
      {
        ...{ run: run.of.id, station, evse },
        outcome: reason === null ? 'completed' : 'aborted',
        reason,
        vendor: record?.vendor ?? null,
        model: record?.model ?? null,
        firmware: run.of.firmware,
        protocol: depot.links.get(station)?.protocol ?? null,
        meter: run.meter?.id ?? null,
        steps: run.steps,
        capabilities: run.capabilities,
        quirks: [...run.quirks.values()],
        started_at: run.of.startedAt,
        by: run.of.by,
      },
    ),
  ])
  depot.setAnew(station)
  depot.urge()
}
