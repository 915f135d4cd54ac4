import { between, seconds } from '@busbar/units/time.ts'
import {
  acceptedDefault,
  acceptedLimit,
  type LimitLedger,
  newestLimit,
  type StandingLimit,
} from '../domain/charging/limit-ledger.ts'
import type { Fact, FactTypes } from '../domain/facts.ts'
import { tolerated } from '../domain/load-balancing/observation.ts'
import { levelOf } from '../domain/load-balancing/rows.ts'
import type { Depot } from './depot.ts'
import { sendLimit } from './effects.ts'
import type { EvseNow } from './use.ts'

type Proof = FactTypes['ChargingLimitReleased']['proof']

/** Drops older limits once the accepted one is proven: seen obeyed in two fresh reports, idle, or settled on a proven model. */
export function releaseLimits(depot: Depot, evses: readonly EvseNow[]): void {
  const facts = evses.flatMap((now) => [
    ...released(depot, now, { list: now.use.ledger.standing, by: acceptedLimit(now.use.ledger) }),
    ...released(depot, now, { list: now.use.ledger.defaults, by: acceptedDefault(now.use.ledger) }),
  ])
  if (facts.length > 0) depot.recorder.note(facts)
}

function released(
  depot: Depot,
  now: EvseNow,
  of: { list: readonly StandingLimit[]; by: StandingLimit | undefined },
): Fact[] {
  const { by } = of
  if (by === undefined || !of.list.some((entry) => entry.request < by.request)) return []
  const proof = proofOf(depot, now, by)
  if (proof === null) return []
  const { station, evse, key } = now.evse
  return [
    depot.recorder.fact(
      'ChargingLimitReleased',
      { type: 'evse', id: key },
      { station, evse, request: by.request, proof },
    ),
  ]
}

function proofOf(depot: Depot, { evse, use, open }: EvseNow, by: StandingLimit): Proof | null {
  if (open === undefined && !use.inUse) return 'idle'
  const since = use.observation.reports.filter((report) => report.receivedAt > by.at && report.level !== null)
  const enough = Math.max(levelOf(by.limit), by.transaction === null ? fallbackOrMore(use.ledger) : 0)
  const obeyed = since.slice(-2).filter((report) => (report.level ?? Infinity) <= tolerated(enough, evse))
  if (obeyed.length === 2) return 'measured'
  const { provenToObey, settleS } = use.capabilities
  const settled = between(by.at, depot.now) > seconds(settleS)
  const seenAbove = since.some(
    (report, index) => index === since.length - 1 && (report.level ?? 0) > tolerated(enough, evse),
  )
  return provenToObey && settled && !seenAbove ? 'settled' : null
}

/** While a transaction's own limit holds, a default cannot be seen obeyed; its draw is judged by that limit. */
const fallbackOrMore = (ledger: LimitLedger): number =>
  Math.max(0, ...ledger.standing.map((entry) => levelOf(entry.limit)))

/** Seen above a limit this long after it should have settled is not obeying. @see ocpp.md 3.8 */
const OBEY_GRACE = seconds(10)

/** Counts stations that do not obey, and sends the limit again; at the second time the rating counts as held. */
export function watchObedience(depot: Depot, evses: readonly EvseNow[]): void {
  for (const { evse, use, open } of evses) {
    const limit = newestLimit(use.ledger)
    const count = depot.disobedience.get(evse.key) ?? 0
    if (open === undefined) {
      if (count > 0) depot.disobedience.delete(evse.key)
      continue
    }
    const last = use.observation.reports.at(-1)
    if (limit?.answer !== 'accepted' || last?.level === null || last === undefined) continue
    const late = between(limit.at, last.receivedAt) > seconds(use.capabilities.settleS) + OBEY_GRACE
    if (!late || last.level <= tolerated(levelOf(limit.limit), evse)) continue
    depot.disobedience.set(evse.key, count + 1)
    sendLimit(depot, evse, { level: levelOf(limit.limit), kind: 'renewal' })
  }
}
