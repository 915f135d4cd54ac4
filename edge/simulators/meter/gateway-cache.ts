import type { Monotonic } from '@busbar/units/time.ts'
import type { FaultOf } from './fault.ts'
import type { InForce } from './fault-board.ts'
import type { Request } from './framing.ts'

interface Kept {
  readonly body: Buffer
  readonly at: Monotonic
}

/** Answers that a gateway gives again without asking the unit. */
export class GatewayCache {
  readonly #kept = new Map<string, Kept>()

  find(cache: InForce<FaultOf<'gatewayCache'>>, request: Request, now: Monotonic): Buffer | undefined {
    const kept = this.#kept.get(keyOf(cache, request))
    const { refreshMs = Number.POSITIVE_INFINITY } = cache.fault
    return kept && now - kept.at < refreshMs ? kept.body : undefined
  }

  keep(cache: InForce<FaultOf<'gatewayCache'>>, request: Request, kept: Kept): void {
    this.#kept.set(keyOf(cache, request), kept)
  }
}

const keyOf = ({ id }: InForce, { unit, body }: Request): string => `${id}/${unit}/${body.toString('hex')}`
