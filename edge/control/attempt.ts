import { messageOf } from '@busbar/model/depot-error.ts'
import type { Depot } from './depot.ts'

/** One part of the loop that must not take the rest along. */
export interface Part {
  /** Its warning is `control.<part>-failed`. */
  readonly part: string
  /** What it means that it failed, as a sentence's first half. */
  readonly means: string
}

/** Runs a part; what it throws becomes a warning until it comes through. @returns whether it came through */
export const attempt = (depot: Depot, part: Part, run: () => void): boolean =>
  attemptEach(depot, part, [run], (one) => one())

/** Runs a part for each of `items`: one that throws keeps none of the others. @returns whether all came through */
export function attemptEach<T>(
  depot: Depot,
  { part, means }: Part,
  items: Iterable<T>,
  run: (item: T) => void,
): boolean {
  const failures: unknown[] = []
  for (const item of items)
    try {
      run(item)
    } catch (error) {
      failures.push(error)
    }
  const code = `control.${part}-failed`
  if (failures.length === 0) depot.deps.health.clear(code)
  else depot.deps.health.raise({ code, severity: 1, text: `${means}: ${messageOf(failures[0])}` })
  return failures.length === 0
}
