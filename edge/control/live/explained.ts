import type { EvseKey } from '@busbar/model/ids.ts'
import { newestLimit } from '../../domain/charging/limit-ledger.ts'
import type { LiveRowAccount } from '../../domain/live-site.ts'
import {
  type Decided,
  type Explanation,
  explainAll,
  type RowAccount,
} from '../../domain/load-balancing/explain.ts'
import type { Names } from '../../domain/load-balancing/explain-words.ts'
import { levelOf } from '../../domain/load-balancing/rows.ts'
import type { Move } from '../../domain/load-balancing/transition.ts'
import type { Depot } from '../depot.ts'
import type { Decision } from '../tick.ts'
import type { Words } from './words.ts'

const known = new WeakMap<Decision, ReadonlyMap<EvseKey, Explanation>>()

/** Every EVSE's explanation, worked out once a decision. */
export function explanationsOf(depot: Depot, decision: Decision): ReadonlyMap<EvseKey, Explanation> {
  const found = known.get(decision)
  if (found !== undefined) return found
  const all = new Map(explainAll(asSent(depot, decision)).map((each) => [each.key, each]))
  known.set(decision, all)
  return all
}

/** What was decided, without the limits that did not leave: held back by the rise of the site, or by a failure. */
function asSent(depot: Depot, { snapshot, shares, transition: { moves, stays } }: Decision): Decided {
  const left = ({ key, level }: Move) => {
    const newest = newestLimit(depot.ledger(key))
    return newest !== undefined && levelOf(newest.limit) === level
  }
  return {
    snapshot,
    shares,
    transition: { moves: moves.filter(left), stays },
    unsent: new Set(moves.flatMap((move) => (left(move) ? [] : [move.key]))),
  }
}

/** Names of this depot for sentences. */
export function namesOf(depot: Depot, decision: Decision, words: Words): Names {
  const evseOf = (key: string) => depot.setup.site.evses.get(key as EvseKey)
  return {
    evse: (key) => evseOf(key)?.label ?? key,
    row: (index) => {
      const row = decision.snapshot.rows[index]
      return row === undefined ? String(index) : words.row(row)
    },
    level: (key, level) => words.limit(level, evseOf(key)?.current === 'dc'),
  }
}

/** An account in A or W, with names. */
export function accountView(decision: Decision, account: RowAccount, words: Words): LiveRowAccount | null {
  const row = decision.snapshot.rows[account.row]
  if (row === undefined) return null
  const { unit, counted, otherCount } = account
  const amount = (n: number) => (unit === 'A' ? Math.round(n) / 1000 : Math.round(n))
  return {
    row: row.id,
    name: words.row(row),
    unit,
    duty: row.duty,
    counted,
    limit: amount(account.limit),
    building: amount(account.base),
    others: amount(account.others),
    other_count: otherCount,
    own: amount(account.own),
    used: amount(account.used),
    step: amount(account.step),
  }
}
