import type { StationId } from '@busbar/model/ids.ts'
import { toIso } from '@busbar/units/time.ts'
import {
  deviceModels,
  isComplete,
  isWhole,
  missingParts,
} from '../../domain/charging/device-model/device-model.ts'
import type { Depot } from '../depot.ts'

/** What a station has told of its variables, how old each is, and whether anything may be missing. */
export function variablesView(depot: Depot, station: StationId) {
  const model = depot.memory.table(deviceModels).get(station)
  const variables = Object.values(model?.variables ?? {})
  const newest = variables.reduce<number | null>((latest, { at }) => Math.max(latest ?? at, at), null)
  return {
    station,
    at: toIso(depot.now),
    as_of: newest === null ? null : toIso(newest as typeof depot.now),
    complete: model !== undefined && isComplete(model),
    overfull: model?.overfull ?? false,
    reports: (model?.reports ?? []).map((report) => ({
      request: report.request,
      base: report.base,
      started_at: toIso(report.startedAt),
      parts: report.parts.length,
      missing_parts: [...missingParts(report)],
      whole: isWhole(report),
    })),
    variables: variables.map((known) => ({
      component: known.component,
      variable: known.variable,
      attributes: [...known.attributes],
      characteristics: known.characteristics ?? null,
      monitors: known.monitors === undefined ? null : [...known.monitors],
      source: known.source,
      at: toIso(known.at),
    })),
  }
}
