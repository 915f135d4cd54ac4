import type { StationId } from '@busbar/model/ids.ts'
import { toIso } from '@busbar/units/time.ts'
import type { ConformanceStep } from '../../domain/charging/conformance/conformance-facts.ts'
import {
  type ConformanceResult,
  conformanceResults,
} from '../../domain/charging/conformance/conformance-results.ts'
import { standingOf } from '../../domain/charging/conformance/effective.ts'
import { suggestedProfile } from '../../domain/charging/conformance/suggested-profile.ts'
import { stationRecords } from '../../domain/charging/station.ts'
import type { Evse } from '../../domain/site/site.ts'
import type { Depot } from '../depot.ts'
import type { Run } from './run.ts'
import { meterOver } from './site-meter.ts'
import { reasonAgainst } from './start.ts'
import { STEPS } from './steps/steps.ts'

/** What a conformance run at an EVSE would do; null where there is no such EVSE. */
export function previewConformance(
  depot: Depot,
  of: { key: Evse['key']; vehicleCharges: boolean; skip: readonly ConformanceStep[] },
) {
  const evse = depot.setup.site.evses.get(of.key)
  if (evse === undefined) return null
  const steps = STEPS.filter(({ step }) => !of.skip.includes(step)).map(({ step, does, takesS }) => ({
    ...{ step, does },
    at_most_s: takesS,
  }))
  return {
    refused: reasonAgainst(depot, evse, of),
    counts_at_a: 'limit_a' in evse.rating ? evse.rating.limit_a : null,
    counts_at_w: 'limit_w' in evse.rating ? evse.rating.limit_w : null,
    meter: meterOver(depot, evse)?.id ?? null,
    at_most_s: steps.reduce((sum, { at_most_s: takes }) => sum + takes, 0),
    steps,
  }
}

/** What is known of a station's conformance, and the run under way; times ISO 8601. */
export function conformanceOnDesk(depot: Depot, station: StationId) {
  const run = depot.conformance.of(station)
  return {
    at: toIso(depot.now),
    station,
    run: run === null ? null : progressOf(run),
    evses: depot.evsesOf(station).map((evse) => evseOnDesk(depot, evse)),
  }
}

function progressOf(run: Run) {
  const { id, evse, by, startedAt } = run.of
  return {
    ...{ run: id, evse: evse.evse, by, step: run.current },
    does: STEPS.find(({ step }) => step === run.current)?.does ?? null,
    done: [...run.steps],
    steps_total: STEPS.length,
    started_at: toIso(startedAt),
  }
}

function evseOnDesk(depot: Depot, { key, evse, label, station }: Evse) {
  const record = depot.memory.table(conformanceResults).get(key)
  const device = depot.memory.table(stationRecords).get(station)
  const result = record?.result ?? null
  return {
    ...{ evse, label, standing: standingOf(record, device) },
    aborted: record?.aborted ?? null,
    result: result === null ? null : resultOf(result),
  }
}

function resultOf(result: ConformanceResult) {
  const { station, evse, at, started_at: startedAt, steps, capabilities, quirks, ...rest } = result
  const source = `https://busbar.invalid/api/v1/stations/${encodeURIComponent(station)}/conformance#${evse}`
  return {
    ...rest,
    at: toIso(at),
    started_at: toIso(startedAt),
    steps: [...steps],
    capabilities: { ...capabilities },
    quirks: [...quirks],
    suggested_profile: { ...suggestedProfile(result, source) },
  }
}
