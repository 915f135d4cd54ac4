import { later, milliseconds } from '@busbar/units/time.ts'
import { newestLimit } from '../../domain/charging/limit-ledger.ts'
import { LEASE_MARGIN, leaseEnd } from '../../domain/load-balancing/hold.ts'
import { tolerated } from '../../domain/load-balancing/observation.ts'
import { levelOf } from '../../domain/load-balancing/rows.ts'
import type { SnapshotEvse } from '../../domain/load-balancing/snapshot.ts'
import { connectorOf } from '../connector.ts'
import type { Depot } from '../depot.ts'
import { manualState, overrideAt } from '../manual/state.ts'
import { loadsIn, moreToStart } from '../rooms.ts'
import { startupSteps } from '../startup.ts'
import { stuckLevel } from '../stuck.ts'
import type { EvseNow } from '../use.ts'
import { explanationsOf } from './explained.ts'
import { drawnLevel, heldW } from './held.ts'
import { unshared } from './unshared.ts'
import { type ReasonContext, type Why, why } from './why.ts'

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

/** How long until its newest limit lapses, ms; below 0 when that is past or none has an end. */
export function leftOfLease(depot: Depot, { use }: EvseNow): number {
  const newest = newestLimit(use.ledger)
  const end = newest === undefined ? null : leaseEnd(newest, use)
  return end === null ? Number.NEGATIVE_INFINITY : end - depot.monotonic
}

function offline(now: EvseNow, { depot, words }: ReasonContext): Why {
  const held = heldW(depot, now)
  const left = leftOfLease(depot, now) + LEASE_MARGIN
  if (now.open !== undefined && left > 0 && now.use.capabilities.offline === 'fallback') {
    const until = words.time(later(depot.now, milliseconds(left)))
    const sentence = `Offline; ${words.kw(held)} held until ${until}, then its fallback`
    return why('offline', 'offline-leased', sentence)
  }
  if (held > 0) return why('offline', 'offline-held', `Offline; ${words.kw(held)} held for what it may draw`)
  return why('offline', 'offline', 'Offline; draws nothing without us')
}

function waiting(now: EvseNow, { depot, decision, words }: ReasonContext): Why {
  const asked = [...depot.roomRequests].some((request) => request.station === now.evse.station)
  if (!asked) return why('waiting', 'awaits-authorization', 'Connected; waits for authorisation')
  const { snapshot, transition } = decision
  const full = loadsIn(snapshot, now).find((c) => {
    if (c.perLevel <= 0) return false
    const worst = (transition.worst[c.row] ?? 0) + moreToStart(snapshot, now, c)
    return worst > (snapshot.rows[c.row]?.capacity ?? 0)
  })
  const row = full === undefined ? undefined : snapshot.rows[full.row]
  return why(
    'waiting',
    'awaits-room',
    row ? `${words.row(row)} is full; room is being made` : 'Its start is being prepared',
    row?.id ?? null,
  )
}

function running(now: EvseNow, context: ReasonContext): Why {
  const { depot, decision, need } = context
  const drawn = drawnLevel(depot, now)
  if (need?.energyLeftWh === 0 && (drawn ?? 0) < 500) return why('ready', 'target-reached', 'Target reached')
  if (now.open?.authorization !== 'Accepted')
    return why('limited', 'not-authorized', 'Its token is not accepted; it is asked to stop')
  const fought = overloaded(now, context)
  if (fought !== null) return fought
  const paused = pausedByHand(now, context)
  if (paused !== null) return paused
  const astray = disobeying(now, context)
  if (astray !== null) return astray
  if (decision.transition.stays.get(now.evse.key) === 'startup') {
    const step = startupSteps(depot).find(({ done }) => !done)
    return why('limited', 'startup', `Starting up: ${lowerFirst(step?.reason ?? 'stays at its fallback')}`)
  }
  const silent = silentMeter(now, context)
  if (silent !== null) return why('limited', 'meter', `${silent} not live; nothing rises`)
  if (connectorOf(depot, now.evse)?.chargingState === 'SuspendedEV' && drawn === 0)
    return why(
      need?.energyLeftWh === 0 ? 'ready' : 'waiting',
      'vehicle-paused',
      'The vehicle takes nothing just now',
    )
  return waitingForPrice(now, context) ?? shared(now, context)
}

/** A measured overload above it holds it down. */
function overloaded({ evse }: EvseNow, { depot, words }: ReasonContext): Why | null {
  const cap = depot.ladders.caps.get(evse.key)
  const row = cap === undefined ? undefined : depot.rows.find(({ id }) => id === cap.row)
  if (cap === undefined || row === undefined) return null
  const held = cap.level === 0 ? 'Gets nothing' : 'At its minimum'
  return why('limited', 'overload', `${held}: ${words.row(row)} is overloaded`, row.id)
}

/** A person paused it; what it still draws is told by its values. */
function pausedByHand({ evse }: EvseNow, { depot, words }: ReasonContext): Why | null {
  const override = overrideAt(manualState(depot), evse.key, depot.now)
  if (override?.how !== 'pause') return null
  return why('limited', 'paused-by-hand', `Paused by ${override.by} until ${words.time(override.until)}`)
}

function disobeying(now: EvseNow, { depot, words }: ReasonContext): Why | null {
  const newest = newestLimit(now.use.ledger)
  const limit =
    newest === undefined
      ? 'the limit'
      : `the ${words.limit(levelOf(newest.limit), now.evse.current === 'dc')}`
  if ((depot.disobedience.get(now.evse.key) ?? 0) > 0) {
    const last = drawnLevel(depot, now) ?? 0
    const above = newest !== undefined && last > tolerated(levelOf(newest.limit))
    if (above) return why('charging', 'not-obeying', `Draws more than ${limit} it accepted`)
    if (now.use.disobeying)
      return why('charging', 'not-obeying', 'Its rating is held: it did not follow its limit')
  }
  // In the snapshot one that waits for a price counts at its default, though it follows.
  return stuckLevel(depot, now) === 0
    ? null
    : why('charging', 'not-following', `Stays until it follows ${limit}`)
}

/** The meter whose silence keeps the EVSE where it is; null when that is not what does. */
function silentMeter(now: EvseNow, { depot, decision }: ReasonContext): string | null {
  const blind = now.loads.find((c) => c.perLevel > 0 && decision.snapshot.rows[c.row]?.mayRise === false)
  if (blind === undefined) return null
  const own = decision.snapshot.evses.find(({ key }) => key === now.evse.key)
  const capped = own !== undefined && own.max <= levelOf(now.evse.fallback)
  if (decision.transition.stays.get(now.evse.key) !== 'meter' && !capped) return null
  const circuit = depot.rows[blind.row]?.circuit
  const meter = circuit === undefined ? null : (depot.setup.site.circuits.get(circuit)?.meter ?? null)
  return (meter === null ? undefined : depot.setup.site.meters.get(meter)?.name) ?? 'Meter'
}

/** The plan gives it its energy at a time that costs less. */
function waitingForPrice({ evse }: EvseNow, { depot, words }: ReasonContext): Why | null {
  const until = depot.planning.waitsUntil(evse.key)
  if (until === undefined) return null
  const sentence = `Waits for cheaper energy; its charge is planned from ${words.time(until)}`
  return why('waiting', 'awaits-price', sentence)
}

/** What the balancer's decision says, each checked to be true of it. @see load-balancing/explain.ts */
function shared(now: EvseNow, context: ReasonContext): Why {
  const { depot, decision, words, need } = context
  if (decision.guarded)
    return why('limited', 'guarded', 'The balancer gives no answer; limits are held or lowered, none rises')
  const cause = explanationsOf(depot, decision).get(now.evse.key)?.cause
  const row = cause !== undefined && 'row' in cause ? decision.snapshot.rows[cause.row] : undefined
  const yields = givesWay(now, context)
  if (yields !== null && row !== undefined && (cause?.kind === 'row' || cause?.kind === 'waits'))
    return why('limited', 'gives-way', `${words.row(row)} is full; ${yields}`, row.id)
  if (cause?.kind === 'row' && row !== undefined) {
    const sentence = rowSentence(now, { ...context, row: cause.row, name: words.row(row) })
    return why('limited', 'row-full', sentence, row.id)
  }
  if (cause?.kind === 'room' && row !== undefined)
    return why('limited', 'awaits-room', `Rises once there is proven room on ${words.row(row)}`, row.id)
  if (cause?.kind === 'waits' && row !== undefined)
    return why('waiting', 'awaits-turn', `${words.row(row)} is full; waits for its turn`, row.id)
  if (cause?.kind === 'stopped') return why('waiting', 'stopped', 'Made room for others; rests a while')
  if (need?.energyLeftWh === 0)
    return why('charging', 'has-what-it-needs', 'Has what it needs; charges on while there is room')
  return unshared(now, context)
}

/** Why it comes after others while not all can be ready; null when it does not. */
function givesWay({ evse }: EvseNow, { depot, decision }: ReasonContext): string | null {
  const own = decision.snapshot.evses.find(({ key }) => key === evse.key)
  if (own?.deferred !== true) return null
  switch (depot.triage?.verdicts.get(evse.key)) {
    case 'deferred':
      return 'not all can be ready in time, and it gives way'
    case 'hopeless':
      return 'it cannot be ready in time, and gives way to those that can'
    case 'met':
      return 'it has what it must have, and gives way'
    default:
      return null
  }
}

function rowSentence(
  now: EvseNow,
  { depot, decision, words, name, row }: ReasonContext & { row: number; name: string },
): string {
  const override = overrideAt(manualState(depot), now.evse.key, depot.now)
  if (override !== undefined)
    return `${name} is full; charges first until ${words.time(override.until)}, by ${override.by}`
  const causes = explanationsOf(depot, decision)
  const sharing = decision.snapshot.evses.filter(({ key }) => {
    const cause = causes.get(key)?.cause
    return cause?.kind === 'row' && cause.row === row
  })
  const own = sharing.find(({ key }) => key === now.evse.key)
  if (own === undefined || sharing.length < 2) return `${name} is full`
  if ((causes.get(own.key)?.share ?? 0) <= own.min)
    return `${name} is full; at its minimum until there is room`
  return `${name} is full; ${placeAmong(own, sharing)}`
}

/** By weight; that it comes of the departures is said only where they differ in the same way. */
function placeAmong(own: SnapshotEvse, sharing: readonly SnapshotEvse[]): string {
  const weights = sharing.map(({ weight }) => weight)
  const [least, most] = [Math.min(...weights), Math.max(...weights)]
  if (least === most) return 'shared alike'
  if (own.weight === most) {
    const sooner =
      sharing.every(({ rank }) => rank >= own.rank) && sharing.some(({ rank }) => rank > own.rank)
    return sooner ? 'among the first by departure' : 'among the first'
  }
  if (own.weight === least)
    return sharing.some(({ rank }) => rank < own.rank) ? 'others leave sooner' : 'others come first'
  return 'shared by urgency'
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
