import type { TransactionId } from '@busbar/model/ids.ts'
import type { Input } from '../../../domain/inputs.ts'
import type { QuirkSelf } from './quirk.ts'

/** More outlets than any station has. */
const MOST = 32

/**
 * Which EVSE an input is about, though stops name none: what a quirk knows of one EVSE says nothing of its neighbour.
 * One instance per quirk, since events of OCPP 2.0.1 name theirs at the start alone.
 */
export class EvseOf {
  readonly #named = new Map<string, number>()

  /** Null where nothing tells. */
  of(input: Input, self: QuirkSelf): number | null {
    if (input.type === 'transaction-ended') return runsAt(input.transaction, self)
    if (input.type !== 'transaction-event') return 'evse' in input ? input.evse : null
    const evse = input.evse ?? this.#named.get(input.name) ?? null
    this.#named.delete(input.name)
    if (evse !== null && input.kind !== 'Ended') this.#named.set(input.name, evse)
    const oldest = this.#named.keys().next()
    if (this.#named.size > MOST && !oldest.done) this.#named.delete(oldest.value)
    return evse
  }
}

/** Without a name, the only one that runs. */
function runsAt(transaction: TransactionId | null, { runningAt }: QuirkSelf): number | null {
  const running = Array.from({ length: MOST }, (_, at) => at + 1).filter((evse) => runningAt(evse) !== null)
  if (transaction === null) return running.length === 1 ? (running[0] ?? null) : null
  return running.find((evse) => runningAt(evse) === transaction) ?? null
}
