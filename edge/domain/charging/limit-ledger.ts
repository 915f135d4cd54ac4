import type { TransactionId } from '@busbar/model/ids.ts'
import { evseKey } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { FactTypes, StoredFact } from '../facts.ts'
import { type ChargingLimit, limitValue } from '../limit.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** A limit that an EVSE may be obeying now, or may come to obey without another message from us. */
export interface StandingLimit {
  readonly request: number
  readonly limit: ChargingLimit
  readonly transaction: TransactionId | null
  readonly leaseUntil: Instant | null
  /** `pending` and `unanswered` may or may not be in force; both count. */
  readonly answer: 'pending' | 'accepted' | 'unanswered'
}

/** All limits of one EVSE that are not proven gone, oldest first. */
export interface LimitLedger {
  /** Limits for any transaction (the fallback). */
  readonly defaults: readonly StandingLimit[]
  /** False until the station was proven to follow a default: without one it may use its hardware rating. */
  readonly defaultProven: boolean
  /** Limits of the running transaction. */
  readonly standing: readonly StandingLimit[]
  readonly lastRequest: number
}

export const emptyLedger: LimitLedger = {
  defaults: [],
  defaultProven: false,
  standing: [],
  lastRequest: 0,
}

/**
 * The limits each EVSE may be obeying, folded from what was sent, answered and proven.
 * @see load-balancing: hold = max(in force, in flight, fallback, draw)
 */
export const limitLedgers: ProjectionDefinition<LimitLedger> = {
  name: 'limit-ledger',
  keys: ({ fact }) => {
    switch (fact.type) {
      case 'ChargingLimitSent':
      case 'ChargingLimitAnswered':
      case 'ChargingLimitReleased':
      case 'TransactionEnded':
        return [evseKey(fact.data.station, fact.data.evse)]
      default:
        return []
    }
  },
  next: (row = emptyLedger, stored) => nextLedger(row, stored),
}

function nextLedger(ledger: LimitLedger, { fact }: StoredFact): LimitLedger {
  switch (fact.type) {
    case 'ChargingLimitSent': {
      const { request, limit, transaction, lease_until: leaseUntil, purpose } = fact.data
      const sent: StandingLimit = { request, limit, transaction, leaseUntil, answer: 'pending' }
      const lastRequest = Math.max(ledger.lastRequest, request)
      if (purpose === 'default') return { ...ledger, lastRequest, defaults: [...ledger.defaults, sent] }
      return { ...ledger, lastRequest, standing: [...ledger.standing, sent] }
    }
    case 'ChargingLimitAnswered': {
      const settle = (list: readonly StandingLimit[]) => answered(list, fact.data)
      return { ...ledger, defaults: settle(ledger.defaults), standing: settle(ledger.standing) }
    }
    case 'ChargingLimitReleased': {
      const keep = (list: readonly StandingLimit[]) =>
        list.filter((entry) => entry.request >= fact.data.request)
      const isDefault = ledger.defaults.some((entry) => entry.request === fact.data.request)
      return isDefault
        ? { ...ledger, defaults: keep(ledger.defaults), defaultProven: true }
        : { ...ledger, standing: keep(ledger.standing) }
    }
    case 'TransactionEnded':
      return {
        ...ledger,
        standing: ledger.standing.filter((entry) => entry.transaction !== fact.data.transaction),
      }
    default:
      return ledger
  }
}

/**
 * What stands after an answer. Older entries that allow no more, and for no longer, than an accepted one are dropped: they
 * add nothing to the most that may be in force. Beside one that nobody answered only an equal one is dropped: a lower one
 * may be what is in force, and bounds what surely raises nothing.
 */
function answered(
  list: readonly StandingLimit[],
  to: FactTypes['ChargingLimitAnswered'],
): readonly StandingLimit[] {
  const found = list.find((entry) => entry.request === to.request)
  if (!found) return list
  if (to.answer === 'rejected' || to.answer === 'not-sent') return list.filter((entry) => entry !== found)
  const settled: StandingLimit = { ...found, answer: to.answer }
  const redundant = (entry: StandingLimit) =>
    entry.request < settled.request &&
    (to.answer === 'accepted'
      ? limitValue(entry.limit) <= limitValue(settled.limit)
      : entry.answer === 'unanswered' && limitValue(entry.limit) === limitValue(settled.limit)) &&
    (entry.leaseUntil ?? 0) <= (settled.leaseUntil ?? 0)
  return list.filter((entry) => !redundant(entry)).map((entry) => (entry === found ? settled : entry))
}

/** The newest limit asked for, whatever became of it. */
export const newestLimit = (ledger: LimitLedger): StandingLimit | undefined => ledger.standing.at(-1)
/** The newest limit the station accepted. */
export const acceptedLimit = (ledger: LimitLedger): StandingLimit | undefined =>
  ledger.standing.findLast((entry) => entry.answer === 'accepted')
/** The default the station last accepted. */
export const acceptedDefault = (ledger: LimitLedger): StandingLimit | undefined =>
  ledger.defaults.findLast((entry) => entry.answer === 'accepted')
