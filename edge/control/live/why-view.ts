import type { EvseKey } from '@busbar/model/ids.ts'
import { later, milliseconds, toIso } from '@busbar/units/time.ts'
import type { LiveRowAccount, LiveWhy } from '../../domain/live-site.ts'
import type { Explanation } from '../../domain/load-balancing/explain.ts'
import { sentenceOf } from '../../domain/load-balancing/explain-words.ts'
import { LEASE_MARGIN } from '../../domain/load-balancing/hold.ts'
import type { Depot } from '../depot.ts'
import { type Rest, restOf } from '../rest.ts'
import type { Decision } from '../tick.ts'
import type { EvseNow } from '../use.ts'
import { needAt } from './evse-view.ts'
import { accountView, explanationsOf, namesOf } from './explained.ts'
import { overrideView } from './manual-view.ts'
import { leftOfLease, reasonFor } from './reason.ts'
import type { Why } from './why.ts'
import type { Words } from './words.ts'

interface Context {
  readonly depot: Depot
  readonly decision: Decision
  readonly words: Words
}

/** Causes that name a row: their sentence tells what fills it. */
const ROWS: ReadonlySet<string> = new Set(['row-full', 'awaits-room', 'awaits-turn'])
/** What stands beside a limit; other codes tell a state. */
const LIMITS: ReadonlySet<string> = new Set([
  'awaits-price',
  'resting',
  'near-share',
  'rating',
  'vehicle-limit',
  'has-what-it-needs',
  'given-no-more',
  'meter',
  'startup',
])

const RESTS: Readonly<Record<Rest['why'], string>> = {
  change: 'The rest after its last change ends',
  flash: 'The longer rest of a station that was sent many limits today ends',
  restart: 'Its turn after the outage comes',
}

/** Why one EVSE has its limit or state, with the figures; null when there is no such EVSE. */
export function whyView(key: EvseKey, context: Context): LiveWhy | null {
  const { depot, decision, words } = context
  const now = decision.evses.find(({ evse }) => evse.key === key)
  const explanation = explanationsOf(depot, decision).get(key)
  if (now === undefined || explanation === undefined) return null
  const reason = reasonFor(now, { ...context, need: needAt(depot, now) })
  const view = (account: Explanation['account']): LiveRowAccount[] => {
    const shown = account === null ? null : accountView(decision, account, words)
    return shown === null ? [] : [shown]
  }
  const dc = now.evse.current === 'dc'
  const amount = (level: number) => (dc ? level : level / 1000)
  const running = now.open !== undefined
  return {
    at: toIso(depot.now),
    station: now.evse.station,
    evse: now.evse.evse,
    label: now.evse.label,
    state: reason.state,
    code: reason.code,
    sentence: longSentence(now, { ...context, reason, explanation }),
    short: reason.sentence,
    unit: dc ? 'W' : 'A',
    limit: running ? amount(explanation.level) : null,
    share: running ? amount(explanation.share) : null,
    row: ROWS.has(reason.code) ? (view(explanation.account)[0] ?? null) : null,
    also: running ? explanation.also.flatMap(view) : [],
    frees: freesOf(now, { ...context, reason, explanation }),
    override: overrideView(depot, key),
  }
}

interface Told extends Context {
  readonly reason: Why
  readonly explanation: Explanation
}

/** The card's sentence with the figures behind it. */
export function longSentence(now: EvseNow, { depot, decision, words, reason, explanation }: Told): string {
  const names = namesOf(depot, decision, words)
  if (now.open !== undefined && ROWS.has(reason.code)) return sentenceOf(explanation, names)
  if (now.open === undefined || !LIMITS.has(reason.code)) return reason.sentence
  const gets = names.level(now.evse.key, explanation.level)
  return `Gets ${gets}: ${reason.sentence.charAt(0).toLowerCase()}${reason.sentence.slice(1)}`
}

/** What would let it have more, and when if that is known. */
function freesOf(now: EvseNow, told: Told): LiveWhy['frees'] {
  const { depot, reason } = told
  const in_ = (ms: number) => toIso(later(depot.now, milliseconds(Math.max(0, ms))))
  switch (reason.code) {
    case 'resting': {
      const rest = restOf(depot, now.evse)
      const what = RESTS[rest?.why ?? 'change']
      return { what, at: in_((rest?.until ?? depot.monotonic) - depot.monotonic) }
    }
    case 'held-by-hand': {
      const override = overrideView(depot, now.evse.key)
      return override === null
        ? null
        : { what: 'The limit by hand ends, or is cancelled', at: override.until }
    }
    case 'paused-by-hand': {
      const override = overrideView(depot, now.evse.key)
      return override === null ? null : { what: 'The pause ends, or is cancelled', at: override.until }
    }
    case 'awaits-price': {
      const until = depot.planning.waitsUntil(now.evse.key)
      return until === undefined ? null : { what: 'Energy costs less', at: toIso(until) }
    }
    case 'row-full':
    case 'awaits-turn':
      return nextToLeave(now, told)
    case 'awaits-room':
      return { what: 'Others are proven to draw less, within half a minute of their lower limits', at: null }
    case 'offline-leased':
      return { what: 'Its lease ends, or it comes back', at: in_(leftOfLease(depot, now) + LEASE_MARGIN) }
    case 'meter':
      return { what: 'The meter gives five good readings', at: null }
    case 'startup':
      return { what: 'The start-up steps have passed', at: null }
    case 'not-following':
    case 'not-obeying':
      return { what: 'It is seen to follow its limit', at: null }
    default:
      return null
  }
}

/** Of those that load the row, the one that leaves first or has what it needs first. */
function nextToLeave(now: EvseNow, { depot, decision, explanation }: Told): LiveWhy['frees'] {
  const { cause } = explanation
  if (!('row' in cause)) return null
  const leaving = decision.evses.flatMap((other) => {
    const loads = other.loads.some(({ row, perLevel }) => row === cause.row && perLevel > 0)
    const at = needAt(depot, other)?.departureAt ?? null
    if (other === now || other.open === undefined || !loads || at === null || at <= depot.now) return []
    return [{ at, name: other.open.vehicle ?? other.evse.label }]
  })
  const [first] = leaving.sort((a, b) => a.at - b.at)
  return first === undefined
    ? { what: 'Less is drawn there by the building or by others', at: null }
    : { what: `${first.name} leaves, or less is drawn there`, at: toIso(first.at) }
}
