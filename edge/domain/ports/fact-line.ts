import { DepotError } from '@busbar/model/depot-error.ts'
import { fromIso, type Instant, toIso } from '@busbar/units/time.ts'
import { FACT_VERSION, type Fact, type StoredFact } from '../facts.ts'

/**
 * The text of a fact after its number, built once where the fact is born. Times of the envelope are ISO 8601 UTC;
 * `data` stands as it is in `FactTypes`, so an Instant in it stays milliseconds since 1970.
 * @throws DepotError `store.failed` when a time of the envelope is not finite
 */
export function factText(fact: Fact, recordedAt: Instant): string {
  const { type, occurred_at, clock, entity, data } = fact
  return (
    `"type":${JSON.stringify(type)},"sv":${FACT_VERSION},"occurred_at":"${timeOf(type, occurred_at)}",` +
    `"recorded_at":"${timeOf(type, recordedAt)}","clock":"${clock}","entity":${JSON.stringify(entity)},` +
    `"data":${JSON.stringify(data)}}`
  )
}

function timeOf(type: string, at: Instant): string {
  if (!Number.isFinite(at))
    throw new DepotError('store.failed', `${type} cannot be written: its time is ${at}`)
  return toIso(at)
}

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
