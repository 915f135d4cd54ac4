import type { FaultKind, FaultOf } from './fault.ts'
import type { InForce } from './fault-board.ts'

/** The faults that strike one request. */
export class Strike {
  readonly #hit: readonly InForce[]

  constructor(hit: readonly InForce[]) {
    this.#hit = hit
  }

  /** All of a kind, oldest first. */
  all<K extends FaultKind>(kind: K): readonly InForce<FaultOf<K>>[] {
    return this.#hit.filter((entry): entry is InForce<FaultOf<K>> => entry.fault.kind === kind)
  }

  /** The oldest of a kind. */
  one<K extends FaultKind>(kind: K): InForce<FaultOf<K>> | undefined {
    return this.all(kind)[0]
  }

  has(kind: FaultKind): boolean {
    return this.one(kind) !== undefined
  }
}
