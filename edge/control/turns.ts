import type { EvseKey } from '@busbar/model/ids.ts'
import { between, type Monotonic } from '@busbar/units/time.ts'
import type { Allocation } from '../domain/load-balancing/allocate.ts'
import { lowest } from '../domain/load-balancing/set-points.ts'
import type { SiteSnapshot, Turn } from '../domain/load-balancing/snapshot.ts'

interface Since {
  readonly kind: Turn['kind']
  readonly at: Monotonic
  readonly stopped: boolean
}

/** Since when each EVSE has been served, or has waited for its minimum. In memory only: a new run deals new turns. */
export class Turns {
  readonly #since = new Map<EvseKey, Since>()

  of(key: EvseKey, now: Monotonic): Turn | undefined {
    const since = this.#since.get(key)
    if (since === undefined) return undefined
    const forS = between(since.at, now) / 1000
    return since.kind === 'served'
      ? { kind: 'served', forS }
      : { kind: 'waits', forS, stopped: since.stopped }
  }

  /** Takes in what a decision gave. Whoever asks for nothing has no turn; one out of reach keeps it. */
  note({ evses }: SiteSnapshot, shares: Allocation, now: Monotonic): void {
    for (const evse of evses) {
      if (!evse.steerable) continue
      const before = this.#since.get(evse.key)
      const kind = (shares.get(evse.key)?.level ?? 0) > 0 ? 'served' : 'waits'
      if (evse.max < lowest(evse)) this.#since.delete(evse.key)
      else if (before?.kind !== kind)
        this.#since.set(evse.key, { kind, at: now, stopped: before?.kind === 'served' })
    }
  }

  forget(key: EvseKey): void {
    this.#since.delete(key)
  }
}
