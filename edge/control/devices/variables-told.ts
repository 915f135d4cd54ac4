import type { StationId } from '@busbar/model/ids.ts'
import type { ToldVariable } from '../../domain/charging/device-model/variable.ts'
import type { AnswerDetails } from '../../domain/commands.ts'
import type { Fact, FactTypes } from '../../domain/facts.ts'
import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'

/** Characters of variables in one fact, so that it fits a record that the cloud takes. */
const LONGEST = 24_000

/** A part of a report. */
export function variablesTold(
  depot: Depot,
  { type: _, ...told }: InputOf<'variables-told'>,
): Submitted<'variables-told'> {
  return { outcome: undefined, durable: depot.recorder.record(toldFacts(depot, told)) }
}

/** What an answer tells of variables, and of a report that will come, is kept. */
export function keepAnswer(depot: Depot, station: StationId, { told, report }: AnswerDetails): Promise<void> {
  const facts: Fact[] = []
  if (report !== undefined)
    facts.push(
      depot.recorder.fact('StationReportAnnounced', { type: 'station', id: station }, { station, ...report }),
    )
  if (told !== undefined && told.variables.length > 0) {
    const part = { request: null, part: null, more: false, flawed: false }
    facts.push(...toldFacts(depot, { station, ...told, ...part }))
  }
  return facts.length === 0 ? Promise.resolve() : depot.recorder.record(facts)
}

function toldFacts(depot: Depot, told: Omit<FactTypes['StationVariablesTold'], 'rest'>): Fact[] {
  const pieces = piecesOf(told.variables)
  return pieces.map((variables, index) =>
    depot.recorder.fact(
      'StationVariablesTold',
      { type: 'station', id: told.station },
      { ...told, variables, rest: index < pieces.length - 1 },
    ),
  )
}

/** One longer than a record by itself stands alone; it has been cut to what the standard allows. */
function piecesOf(variables: readonly ToldVariable[]): readonly (readonly ToldVariable[])[] {
  const pieces: ToldVariable[][] = [[]]
  let length = 0
  for (const variable of variables) {
    const own = JSON.stringify(variable).length
    if (length > 0 && length + own > LONGEST) {
      pieces.push([])
      length = 0
    }
    pieces.at(-1)?.push(variable)
    length += own
  }
  return pieces
}
