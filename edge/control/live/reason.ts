import { later, seconds } from '@busbar/units/time.ts'
import { newestLimit } from '../../domain/charging/limit-ledger.ts'
import type { EvseState } from '../../domain/live-site.ts'
import type { Need } from '../../domain/load-balancing/demand.ts'
import { fallbackLevel } from '../../domain/load-balancing/hold.ts'
import { levelOf } from '../../domain/load-balancing/rows.ts'
import type { Depot } from '../depot.ts'
import { startupSteps } from '../startup.ts'
import type { Decision } from '../tick.ts'
import { connectorOf, type EvseNow } from '../use.ts'
import { drawnLevel, heldW } from './held.ts'
import type { Words } from './words.ts'

/** What an EVSE's card says: its state, one true sentence, and the row that holds it. */
export interface Why {
  readonly state: EvseState
  readonly code: string
  readonly sentence: string
  readonly row: string | null
}

const why = (state: EvseState, code: string, sentence: string, row: string | null = null): Why => ({
  state,
  code,
  sentence,
  row,
})

export interface ReasonContext {
  readonly depot: Depot
  readonly decision: Decision
  readonly words: Words
  readonly need: Need | null
}

/** Cause first, in one sentence. The order of the questions is the order of what matters. */
export function reasonFor(now: EvseNow, context: ReasonContext): Why {
  const { depot, words } = context
  const state = connectorOf(depot, now.evse)
  if (!depot.links.has(now.evse.station)) return offline(now, context)
  if (state?.status === 'Faulted')
    return why(
      'faulted',
      'faulted',
      `${state.info || state.vendorError || state.errorCode || 'Fault'} since ${words.time(state.since)}`,
    )
  if (now.open !== undefined) return running(now, context)
  if (state === undefined) return why('unknown', 'no-status', 'Has not told its state yet')
  if (state.status === 'Unavailable')
    return why('unavailable', 'unavailable', `Out of service since ${words.time(state.since)}`)
  if (state.status === 'Reserved') return why('available', 'reserved', 'Reserved')
  if (state.status === 'Available') return why('available', 'free', 'Free')
  return waiting(now, context)
}

function offline(now: EvseNow, { depot, words }: ReasonContext): Why {
  const held = heldW(depot, now)
  const lease = newestLimit(now.use.ledger)?.leaseUntil ?? null
  if (
    now.open !== undefined &&
    lease !== null &&
    lease > depot.now &&
    now.use.capabilities.offline === 'fallback'
  )
    return why(
      'offline',
      'offline-leased',
      `Offline; ${words.kw(held)} held until ${words.time(lease)}, then its fallback`,
    )
  if (held > 0) return why('offline', 'offline-held', `Offline; ${words.kw(held)} held for what it may draw`)
  return why('offline', 'offline', 'Offline; draws nothing without us')
}

function waiting(now: EvseNow, { depot, decision, words }: ReasonContext): Why {
  const asked = [...depot.roomRequests].some((request) => request.station === now.evse.station)
  if (!asked) return why('waiting', 'awaits-authorization', 'Connected; waits for authorisation')
  const full = decision.transition.overcommitted[0]
  const row = full === undefined ? undefined : depot.rows[full]
  return why(
    'waiting',
    'awaits-room',
    row ? `${words.row(row)} is full; room is being made` : 'Room is being made for its start',
    row?.id ?? null,
  )
}

function running(now: EvseNow, context: ReasonContext): Why {
  const { depot, decision, words, need } = context
  const drawn = drawnLevel(depot, now)
  const newest = newestLimit(now.use.ledger)
  if (need?.energyLeftWh === 0 && (drawn ?? 0) < 500) return why('ready', 'target-reached', 'Target reached')
  if ((depot.disobedience.get(now.evse.key) ?? 0) > 0)
    return why(
      'charging',
      'not-obeying',
      `Draws more than the ${newest ? words.limit(levelOf(newest.limit), now.evse.current === 'dc') : 'limit'} it accepted`,
    )
  const stay = decision.transition.stays.get(now.evse.key)
  if (stay === 'startup') {
    const step = startupSteps(depot).find(({ done }) => !done)
    return why('limited', 'startup', `Starting up: ${lowerFirst(step?.reason ?? 'stays at its fallback')}`)
  }
  if (stay === 'meter') return why('limited', 'meter', 'Site meter not live; nothing rises')
  if (connectorOf(depot, now.evse)?.chargingState === 'SuspendedEV' && drawn === 0)
    return why(
      need?.energyLeftWh === 0 ? 'ready' : 'waiting',
      'vehicle-paused',
      'The vehicle takes nothing just now',
    )
  return shared(now, context)
}

function shared(now: EvseNow, { depot, decision, words, need }: ReasonContext): Why {
  const bound = decision.shares.get(now.evse.key)?.bound
  const newest = newestLimit(now.use.ledger)
  const level = newest === undefined ? fallbackLevel(now.use) : levelOf(newest.limit)
  if (bound?.kind === 'row') {
    const row = depot.rows[bound.row]
    if (row !== undefined)
      return why(
        'limited',
        'row-full',
        rowSentence(now, { decision, words, row: bound.row, name: words.row(row) }),
        row.id,
      )
  }
  if (need?.energyLeftWh === 0)
    return why('charging', 'has-what-it-needs', 'Has what it needs; charges on while there is room')
  const share = decision.shares.get(now.evse.key)?.level ?? 0
  const changed = depot.lastChange.get(now.evse.key)
  const stay = decision.transition.stays.get(now.evse.key)
  if (share > level && stay === 'resting' && changed !== undefined)
    return why(
      'limited',
      'resting',
      `Next raise at ${words.timeExact(later(changed, seconds(depot.setup.policy.restS)))}`,
    )
  if (share > level && stay === 'awaits-room')
    return why('limited', 'awaits-room', 'Rises once others have come down')
  if (level >= levelOf(now.evse.rating)) return why('charging', 'rating', 'Full power; nothing limits it')
  return why('charging', 'vehicle-limit', 'The vehicle takes no more')
}

function rowSentence(
  now: EvseNow,
  { decision, name, row }: { decision: Decision; words: Words; row: number; name: string },
): string {
  const sharing = decision.snapshot.evses.filter(({ key }) => {
    const bound = decision.shares.get(key)?.bound
    return bound?.kind === 'row' && bound.row === row
  })
  const own = sharing.find(({ key }) => key === now.evse.key)
  if (own === undefined || sharing.length < 2) return `${name} is full`
  if ((decision.shares.get(own.key)?.level ?? 0) <= own.min)
    return `${name} is full; at its minimum until there is room`
  const weights = sharing.map(({ weight }) => weight)
  if (own.weight === Math.max(...weights) && own.weight > Math.min(...weights))
    return `${name} is full; among the first by departure`
  if (own.weight === Math.min(...weights) && own.weight < Math.max(...weights))
    return `${name} is full; others leave sooner`
  return `${name} is full; shared by departure`
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
