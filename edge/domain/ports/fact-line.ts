import { fromIso, toIso, type Instant } from '@busbar/units/time.ts'
import { FACT_VERSION, type Fact, type StoredFact } from '../facts.ts'

/**
 * The text of a fact after its number, built once where the fact is born. Times of the envelope are ISO 8601 UTC;
 * `data` stands as it is in `FactTypes`, so an Instant in it stays milliseconds since 1970.
 * @throws RangeError when a time of the envelope is not finite
 */
export const factText = (fact: Fact, recordedAt: Instant): string =>
  `"type":${JSON.stringify(fact.type)},"sv":${FACT_VERSION},"occurred_at":"${toIso(fact.occurred_at)}",` +
  `"recorded_at":"${toIso(recordedAt)}","clock":"${fact.clock}","entity":${JSON.stringify(fact.entity)},` +
  `"data":${JSON.stringify(fact.data)}}`

/** The line of the log: the text with its number in front. */
export const factLine = (seq: number, text: string): string => `{"seq":${seq},${text}`

interface Line {
  readonly seq: number
  readonly type: string
  readonly occurred_at: string
  readonly recorded_at: string
  readonly clock: string
  readonly entity: object
  readonly data: object
}

/** Reads a line that `factLine` wrote. Lines come from our own log, whose chain vouches for them: no shape is checked. */
export function storedFact(line: string): StoredFact {
  const { seq, type, occurred_at, recorded_at, clock, entity, data } = JSON.parse(line) as Line
  const fact = { type, occurred_at: fromIso(occurred_at), clock, entity, data } as Fact
  return { seq, recorded_at: fromIso(recorded_at), fact }
}
