import { messageOf } from '@busbar/model/depot-error.ts'
import { evseKey } from '@busbar/model/ids.ts'
import { conformanceResults } from '../../domain/charging/conformance/conformance-results.ts'
import { stationRecords } from '../../domain/charging/station.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Evse } from '../../domain/site/site.ts'
import type { Depot } from '../depot.ts'
import { perform } from './perform.ts'
import { Run } from './run.ts'

const FAILED = 'conformance.failed'

/** Starts a run; what it does from here on is in the facts and on the desk. */
export function conformanceStart(
  depot: Depot,
  input: InputOf<'conformance-start'>,
): Submitted<'conformance-start'> {
  const { station, evse: number, by, skip } = input
  const evse = depot.setup.site.evses.get(evseKey(station, number))
  const reason =
    evse === undefined ? `there is no EVSE ${number} at this station` : reasonAgainst(depot, evse, input)
  if (evse === undefined || reason !== null)
    return { outcome: { status: 'rejected', reason, run: null }, durable: Promise.resolve() }
  const firmware = depot.memory.table(stationRecords).get(station)?.firmware ?? null
  const id = `conformance-${evse.key}-${depot.now}`
  const run = new Run({ id, evse, by, firmware, skip, startedAt: depot.now }, () => depot.monotonic)
  depot.conformance.begin(run)
  const data = { run: id, station, evse: number, firmware, by }
  const durable = depot.recorder.record([
    depot.recorder.fact('ConformanceStarted', { type: 'evse', id: evse.key }, data),
  ])
  durable.then(
    () => begin(depot, run),
    (error: unknown) => {
      depot.conformance.end(run)
      depot.deps.health.raise({ code: FAILED, severity: 3, text: messageOf(error) })
    },
  )
  return { outcome: { status: 'accepted', reason: null, run: id }, durable }
}

function begin(depot: Depot, run: Run): void {
  perform(depot, run).catch((error: unknown) => {
    depot.conformance.end(run)
    depot.setAnew(run.evse.station)
    const text = `A conformance run at ${run.evse.label} broke off: ${messageOf(error)}`
    depot.deps.health.raise({ code: FAILED, severity: 3, text })
  })
  depot.urge()
}

/** Why no run may start there now; null when one may. */
export function reasonAgainst(
  depot: Depot,
  evse: Evse,
  { vehicleCharges }: { readonly vehicleCharges: boolean },
): string | null {
  const { now } = depot.conformance
  if (now !== null) return `a run is under way at ${now.evse.label}`
  if (!vehicleCharges) return 'a person has to confirm that a vehicle charges there'
  if (!depot.links.has(evse.station)) return 'the station is not connected'
  const open = depot.transactionAt(evse.key)
  if (open === undefined) return 'no transaction runs there'
  if (open.authorization !== 'Accepted') return 'its transaction is not authorised'
  const drawn = depot.observation(evse.key).reports.at(-1)?.level ?? null
  return drawn !== null && drawn <= 0 ? 'the vehicle takes nothing' : null
}

/** Ends the run because a person says so. */
export function conformanceCancel(
  depot: Depot,
  { station, by }: InputOf<'conformance-cancel'>,
): Submitted<'conformance-cancel'> {
  const run = depot.conformance.of(station)
  run?.abort(`stopped by ${by}`)
  return { outcome: { found: run !== null }, durable: Promise.resolve() }
}

/** A run that a restart of the controller cut off has come to its end; its doubts stand until all is set anew. */
export function closeCutOff(depot: Depot): void {
  const facts = [...depot.memory.table(conformanceResults).values()].flatMap(({ open, evse: key }) => {
    if (open === null) return []
    const record = depot.memory.table(stationRecords).get(open.station)
    return [
      depot.recorder.fact(
        'ConformanceEnded',
        { type: 'evse', id: key },
        {
          ...open,
          outcome: 'aborted',
          reason: 'the controller restarted',
          vendor: record?.vendor ?? null,
          model: record?.model ?? null,
          protocol: null,
          meter: null,
          steps: [],
          capabilities: {},
          quirks: [],
          started_at: depot.now,
        },
      ),
    ]
  })
  if (facts.length > 0) depot.recorder.note(facts)
}
