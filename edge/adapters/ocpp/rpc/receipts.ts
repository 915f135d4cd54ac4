import type { Clock } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import type { Duration } from '@busbar/units/time.ts'

/** How a wait ended. */
export type Waited<T> = { readonly value: T } | { readonly failed: string }

/** Waits for `work` for `limit` at the longest; never rejects. */
export function within<T>(clock: Clock, limit: Duration, work: T | PromiseLike<T>): Promise<Waited<T>> {
  return new Promise((resolve) => {
    const timer = clock.timer(limit, () => resolve({ failed: `nothing came of it in ${limit / 1000} s` }))
    const settle = (result: Waited<T>) => {
      timer.cancel()
      resolve(result)
    }
    Promise.resolve(work).then(
      (value) => settle({ value }),
      (reason: unknown) => settle({ failed: messageOf(reason) }),
    )
  })
}
