import type { Instant } from '@busbar/units/time.ts'
import type { FactTypes } from '../../facts.ts'
import type { ProjectionDefinition } from '../../ports/projections.ts'
import { type ReportBase, type ToldVariable, type VariableSource, variableKey } from './variable.ts'

/** Variables kept of one station; the largest stations that are known have a thousand. */
const MOST_VARIABLES = 3000
/** Reports remembered of one station. */
const MOST_REPORTS = 8
/** Parts of one report that are told apart. */
const MOST_PARTS = 1000

/** A variable as it was told last. */
export interface KnownVariable extends ToldVariable {
  readonly at: Instant
  readonly source: VariableSource
}

/** A report that comes in parts, by the number of the request for it. */
export interface VariableReport {
  readonly request: number
  /** Null while only its parts are known. */
  readonly base: ReportBase | null
  readonly startedAt: Instant
  /** Parts that came whole, ascending. */
  readonly parts: readonly number[]
  /** The part that said no more would come; null before. */
  readonly last: number | null
  /** Some of what it told could not be read or kept. */
  readonly flawed: boolean
}

/** All that a station has told of its variables. */
export interface DeviceModel {
  readonly variables: Readonly<Record<string, KnownVariable>>
  /** The oldest first. */
  readonly reports: readonly VariableReport[]
  /** More variables were told than are kept. */
  readonly overfull: boolean
}

const NOTHING: DeviceModel = { variables: {}, reports: [], overfull: false }

/** Numbers of parts that have not come, as far as the report tells how many there are. */
export function missingParts({ parts, last }: VariableReport): readonly number[] {
  const until = last ?? parts.at(-1) ?? -1
  const came = new Set(parts)
  return Array.from({ length: Math.min(until, MOST_PARTS) + 1 }, (_, part) => part).filter(
    (part) => !came.has(part),
  )
}

/** Every part came, the last one among them, and each was read and kept. */
export const isWhole = (report: VariableReport): boolean =>
  report.last !== null && !report.flawed && missingParts(report).length === 0

/** Whether everything that the station has is here: its newest full inventory came whole. */
export function isComplete({ reports, overfull }: DeviceModel): boolean {
  const newest = reports.findLast(({ base }) => base === 'FullInventory')
  return newest !== undefined && isWhole(newest) && !overfull
}

/** Variables by station. */
export const deviceModels: ProjectionDefinition<DeviceModel> = {
  name: 'device-model',
  keys: ({ fact }) =>
    fact.type === 'StationReportAnnounced' || fact.type === 'StationVariablesTold' ? [fact.data.station] : [],
  next: (row = NOTHING, { fact }) => {
    const at = fact.occurred_at
    if (fact.type === 'StationReportAnnounced') {
      const { request, base } = fact.data
      return withReport(row, { request, at }, (report) => ({ ...report, base }))
    }
    return fact.type === 'StationVariablesTold' ? told(row, fact.data, at) : row
  },
}

function told(row: DeviceModel, data: FactTypes['StationVariablesTold'], at: Instant): DeviceModel {
  const variables = { ...row.variables }
  let count = Object.keys(variables).length
  let overfull = row.overfull
  for (const variable of data.variables) {
    const key = variableKey(variable)
    const known = variables[key]
    if (known === undefined && count >= MOST_VARIABLES) {
      overfull = true
      continue
    }
    if (known === undefined) count += 1
    variables[key] = merged(known, variable, { at, source: data.source })
  }
  const { request, part, more, flawed, rest } = data
  const filled = { ...row, variables, overfull }
  if (request === null) return filled
  return withReport(filled, { request, at }, (report) => ({
    ...report,
    flawed: report.flawed || flawed || part === null || part >= MOST_PARTS,
    ...(rest || part === null
      ? {}
      : {
          parts: [...new Set([...report.parts, part])].slice(0, MOST_PARTS).sort((one, other) => one - other),
          last: more ? report.last : part,
        }),
  }))
}

/** What is told anew replaces what it replaces, attribute by attribute; the rest stays. */
function merged(
  known: KnownVariable | undefined,
  variable: ToldVariable,
  of: Pick<KnownVariable, 'at' | 'source'>,
): KnownVariable {
  const types = new Set(variable.attributes.map(({ type }) => type))
  const attributes = [
    ...(known?.attributes.filter(({ type }) => !types.has(type)) ?? []),
    ...variable.attributes.map((attribute) => ({
      ...attribute,
      mutability:
        attribute.mutability ??
        known?.attributes.find(({ type }) => type === attribute.type)?.mutability ??
        null,
    })),
  ]
  return { ...known, ...variable, ...of, attributes }
}

function withReport(
  row: DeviceModel,
  { request, at }: { request: number; at: Instant },
  change: (report: VariableReport) => VariableReport,
): DeviceModel {
  const fresh = { request, base: null, startedAt: at, parts: [], last: null, flawed: false }
  const known = row.reports.find((report) => report.request === request)
  const others = row.reports.filter((report) => report.request !== request)
  return { ...row, reports: [...others, change(known ?? fresh)].slice(-MOST_REPORTS) }
}
