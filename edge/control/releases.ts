import { between, seconds } from '@busbar/units/time.ts'
import {
  acceptedDefault,
  acceptedLimit,
  type LimitLedger,
  newestLimit,
  type StandingLimit,
} from '../domain/charging/limit-ledger.ts'
import type { Fact, FactTypes } from '../domain/facts.ts'
import { openIncidents } from '../domain/incidents/incident.ts'
import { NOT_OBEYED } from '../domain/incidents/rules/limit-not-obeyed.ts'
import { type EvseUse, lapsed } from '../domain/load-balancing/hold.ts'
import { type Report, tolerated } from '../domain/load-balancing/observation.ts'
import { type Level, levelOf } from '../domain/load-balancing/rows.ts'
import type { Depot } from './depot.ts'
import { renewalOf, restingAfterFailure, sendLimit } from './effects.ts'
import { DISOBEYED, type EvseNow } from './use.ts'

type Proof = FactTypes['ChargingLimitReleased']['proof']

/**
 * Drops older limits once the accepted one is proven: seen obeyed in two reports since, idle, or settled on a proven
 * model. Answers whether anything was dropped.
 */
export function releaseLimits(depot: Depot, evses: readonly EvseNow[]): boolean {
  const facts = evses.flatMap((now) => {
    const { standing, defaults, defaultProven } = now.use.ledger
    const limit = acceptedLimit(now.use.ledger)
    const fallback = acceptedDefault(now.use.ledger)
    return [
      ...(limit !== undefined && olderThan(standing, limit) ? released(depot, now, limit) : []),
      ...(fallback !== undefined && (!defaultProven || olderThan(defaults, fallback))
        ? released(depot, now, fallback)
        : []),
    ]
  })
  if (facts.length > 0) rememberReleased(depot, evses, facts)
  if (facts.length > 0) depot.recorder.note(facts)
  return facts.length > 0
}

/** What stood until now may still show in a sample that was taken before. */
function rememberReleased(depot: Depot, evses: readonly EvseNow[], facts: readonly Fact[]): void {
  const keys = new Set(facts.map(({ entity }) => entity.id))
  for (const { evse, use } of evses) {
    if (!keys.has(evse.key)) continue
    const stood = [...use.ledger.standing, ...use.ledger.defaults].map(({ limit }) => levelOf(limit))
    depot.released.set(evse.key, { level: Math.max(0, ...stood), at: depot.monotonic })
  }
}

const olderThan = (list: readonly StandingLimit[], by: StandingLimit): boolean =>
  list.some((entry) => entry.request < by.request)

function released(depot: Depot, now: EvseNow, by: StandingLimit): Fact[] {
  const proof = proofOf(depot, now, by)
  if (proof === null) return []
  const { station, evse, key } = now.evse
  const data = { station, evse, request: by.request, proof }
  return [depot.recorder.fact('ChargingLimitReleased', { type: 'evse', id: key }, data)]
}

function proofOf(depot: Depot, { use, open }: EvseNow, by: StandingLimit): Proof | null {
  const accepted = use.times.get(by.request)?.answeredAt ?? null
  if (accepted === null) return null
  if (open === undefined && !use.inUse) return 'idle'
  const since = use.observation.reports.filter(({ at, level }) => at > accepted && level !== null)
  const enough = Math.max(levelOf(by.limit), by.transaction === null ? standingOf(use.ledger) : 0)
  const obeyed = (report: Report) => (report.level ?? Number.POSITIVE_INFINITY) <= tolerated(enough)
  if (since.length >= 2 && since.slice(-2).every(obeyed)) return 'measured'
  const { provenToObey, settleS } = use.capabilities
  const settled = between(accepted, depot.monotonic) > seconds(settleS)
  return provenToObey && settled && since.slice(-1).every(obeyed) ? 'settled' : null
}

/** While a transaction's own limit holds, a default cannot be seen obeyed; its draw is judged by that limit. */
const standingOf = (ledger: LimitLedger): number =>
  Math.max(0, ...ledger.standing.map((entry) => levelOf(entry.limit)))

/** Seen above a limit this long after it should have settled is not obeying. @see ocpp.md 3.8 */
const OBEY_GRACE = seconds(10)

/** Counts stations that do not obey, and sends the limit again; at the second time the rating counts as held. */
export function watchObedience(depot: Depot, evses: readonly EvseNow[]): void {
  for (const { evse, use, open } of evses) {
    if (open === undefined) depot.disobedience.delete(evse.key)
    const newest = newestLimit(use.ledger)
    const last = use.observation.reports.at(-1)
    if (open === undefined || newest?.answer !== 'accepted' || last === undefined) continue
    if (depot.conformance.tests(evse.key)) continue
    if (!disobeys(depot, { use, limit: newest, last })) continue
    const renewal = renewalOf(use, newest, depot.monotonic)
    if (restingAfterFailure(depot, evse.key, renewal)) continue
    depot.disobedience.set(evse.key, (depot.disobedience.get(evse.key) ?? 0) + 1)
    sendLimit(depot, evse, renewal)
  }
}

/**
 * After a start: who was not obeying, and has told of no end of its transaction, is held at its rating as before; how
 * often it was told nobody knows any more.
 */
export function restoreDisobedience(depot: Depot): void {
  for (const { code, subject } of depot.memory.table(openIncidents).values())
    for (const { key } of depot.setup.site.evses.values())
      if (code === NOT_OBEYED && subject.id === key) depot.disobedience.set(key, DISOBEYED)
}

/** What it may draw by a limit it accepted: more where a request past the balancer may have raised it. */
export const allowedLevel = ({ doubted = 0 }: Pick<EvseUse, 'doubted'>, { limit }: StandingLimit): Level =>
  Math.max(levelOf(limit), doubted)

function disobeys(depot: Depot, of: { use: EvseUse; limit: StandingLimit; last: Report }): boolean {
  const { use, limit, last } = of
  const accepted = use.times.get(limit.request)?.answeredAt ?? null
  if (accepted === null || last.level === null || lapsed(limit, use, depot.monotonic)) return false
  const late = between(accepted, last.at) > seconds(use.capabilities.settleS) + OBEY_GRACE
  return late && last.level > tolerated(allowedLevel(use, limit))
}
