import { messageOf } from '@busbar/model/depot-error.ts'
import type { EvseKey } from '@busbar/model/ids.ts'
import { type Monotonic, seconds, toIso } from '@busbar/units/time.ts'
import { recordOf } from '../domain/load-balancing/decision-record.ts'
import { recordText } from '../domain/load-balancing/record-text.ts'
import type { DecisionLog, KeptReason } from '../domain/ports/decision-log.ts'
import type { Depot } from './depot.ts'
import { needAt } from './live/evse-view.ts'
import { explanationsOf } from './live/explained.ts'
import { reasonFor } from './live/reason.ts'
import { longSentence } from './live/why-view.ts'
import type { Words } from './live/words.ts'
import type { Decision } from './tick.ts'

/** Sentences are looked at so often; what was said for a shorter time is not kept. */
const REASONS_EVERY = seconds(5)

const FAILED = 'decisions.not-kept'

/** Hands decisions that sent limits, and sentences that changed, to the log of decisions. */
export class DecisionKeeper {
  readonly #depot: Depot
  readonly #words: Words
  readonly #log: DecisionLog
  readonly #said = new Map<EvseKey, string>()
  #lookedAt: Monotonic | null = null
  #lastMoves = ''

  constructor(depot: Depot, words: Words, log: DecisionLog) {
    this.#depot = depot
    this.#words = words
    this.#log = log
  }

  note(decision: Decision): void {
    const { health } = this.#depot.deps
    try {
      const kept = this.#decision(decision)
      const reasons = this.#reasons(decision)
      if (kept !== null || reasons.length > 0) this.#log.add({ decision: kept, reasons })
      health.clear(FAILED)
    } catch (error) {
      const text = `Decisions are not kept for explaining them later: ${messageOf(error)}`
      health.raise({ code: FAILED, severity: 3, text })
    }
  }

  /** A limit that a station does not take is decided again each second: that is kept once. */
  #decision(decision: Decision): Parameters<DecisionLog['add']>[0]['decision'] {
    const { moves } = decision.transition
    const text = JSON.stringify(moves)
    const same = text === this.#lastMoves
    // After a decision that changed nothing, the same moves are new ones: of the next vehicle, perhaps.
    this.#lastMoves = moves.length === 0 ? '' : text
    if (moves.length === 0 || same) return null
    const { site } = this.#depot.setup
    const names = {
      rows: Object.fromEntries(decision.snapshot.rows.map((row) => [row.id, this.#words.row(row)])),
      evses: Object.fromEntries([...site.evses.values()].map(({ key, label }) => [key, label])),
    }
    const at = this.#depot.now
    return { at, moves: moves.length, record: recordText(recordOf(decision, { at: toIso(at), names })) }
  }

  #reasons(decision: Decision): readonly KeptReason[] {
    const { monotonic, now: at } = this.#depot
    if (this.#lookedAt !== null && monotonic - this.#lookedAt < REASONS_EVERY) return []
    this.#lookedAt = monotonic
    const explanations = explanationsOf(this.#depot, decision)
    const context = { depot: this.#depot, decision, words: this.#words }
    return decision.evses.flatMap((now) => {
      const { key } = now.evse
      const explanation = explanations.get(key)
      if (explanation === undefined) return []
      const reason = reasonFor(now, { ...context, need: needAt(this.#depot, now) })
      // The figures in a sentence move all the time; it is another one when its cause or the limit is.
      const kind = `${reason.code} ${reason.row} ${now.open === undefined ? '' : explanation.level}`
      if (this.#said.get(key) === kind) return []
      this.#said.set(key, kind)
      const sentence = longSentence(now, { ...context, reason, explanation })
      return [{ at, evse: key, code: reason.code, row: reason.row, sentence }]
    })
  }
}
