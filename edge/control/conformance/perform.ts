import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { monotonic, seconds } from '@busbar/units/time.ts'
import type {
  ConformanceFinding,
  ConformanceStep,
} from '../../domain/charging/conformance/conformance-facts.ts'
import { stationRecords } from '../../domain/charging/station.ts'
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
  let aborted: string | null = null
  try {
    await prepare(depot, run)
    for (const step of STEPS) await take(depot, run, step)
  } catch (error) {
    aborted = messageOf(error)
  }
  await leave(depot, run, aborted)
}

async function take(depot: Depot, run: Run, { step, needs, measure }: (typeof STEPS)[number]): Promise<void> {
  run.current = step
  const lacking = run.of.skip.includes(step) ? 'left out by request' : lacks(depot, run, needs)
  const told: Told = lacking === null ? await measure(depot, run) : { result: 'not-checked', text: lacking }
  run.steps.push(findingOf(step, told))
}

const findingOf = (step: ConformanceStep, told: Told): ConformanceFinding => ({ step, ...told })

function lacks(depot: Depot, run: Run, needs: (typeof STEPS)[number]['needs']): string | null {
  if (needs === 'none') return null
  if (depot.transactionAt(run.evse.key) === undefined) return 'its transaction is over'
  if (needs === 'obedience' && !run.obeys) return 'it does not follow the limits it is sent'
  return null
}

/** Room for the rating, the rating itself, and what the vehicle takes of it. */
async function prepare(depot: Depot, run: Run): Promise<void> {
  const refusedBy = await takeRoom(depot, run)
  if (refusedBy !== null)
    throw new DepotError('conformance.aborted', `there is no room for its rating: ${refusedBy}`)
  const top = levelOf(run.evse.rating)
  await setLevel(depot, run, { level: top })
  const since = depot.monotonic
  await look(depot, run, { level: top, since })
  // A vehicle takes its time to reach what it takes at most.
  await seeReports(depot, run, { holds: () => false, atMost: seconds(15) })
  run.top = ownLevel(depot, run, since) ?? 0
  if (run.top - levelOf(run.evse.fallback) < LEAST_RANGE)
    throw new DepotError(
      'conformance.aborted',
      'the vehicle takes too little above the fallback to tell limits apart',
    )
  const meter = meterOver(depot, run.evse)
  const lately = monotonic(depot.monotonic - seconds(10))
  const still = meter !== null && meter.noise(lately) <= (run.top - levelOf(run.evse.fallback)) / NOISE_SHARE
  if (!still) return
  run.meter = meter
  meter.trust(run.top, lately)
}

/** The fallback at once, then everything anew; what was found becomes a fact. */
async function leave(depot: Depot, run: Run, aborted: string | null): Promise<void> {
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
        outcome: aborted === null ? 'completed' : 'aborted',
        reason: aborted,
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
