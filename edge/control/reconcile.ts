import type { StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { newestLimit, type StandingLimit } from '../domain/charging/limit-ledger.ts'
import { type EvseUse, lapsed } from '../domain/load-balancing/hold.ts'
import { levelOf } from '../domain/load-balancing/rows.ts'
import type { Evse } from '../domain/site/site.ts'
import { connectorOf } from './connector.ts'
import type { Depot } from './depot.ts'
import { type LimitMove, renewalOf, sendFallback, sendLimit } from './effects.ts'
import { sendWaiting } from './outbox.ts'
import { clearLeft, reconciledFacts, settleable } from './raw/doubts.ts'
import { useOf } from './use.ts'

/** Time before a station that refused its fallback is asked again. */
const AGAIN = seconds(15)

/**
 * On every connect: limits first, then states. The fallback is installed on each EVSE, running limits are sent again as
 * far as they were accepted, and the station is asked for what we have not heard from it.
 */
export function reconcile(depot: Depot, station: StationId): void {
  const link = depot.links.get(station)
  if (link === undefined || link.reconciling || link.reconciled) return
  if (depot.conformance.holdsBack(station)) return
  depot.links.set(station, { ...link, reconciling: true })
  run(depot, station, link.connection).catch(() => retryLater(depot, station, link.connection))
}

/** Sets everything anew on a connection that was reconciled before: something was sent past the balancer. */
export function reconcileAnew(depot: Depot, station: StationId): void {
  const link = depot.links.get(station)
  if (link === undefined) return
  depot.links.set(station, { ...link, reconciled: false, reconciling: false })
  reconcile(depot, station)
}

async function run(depot: Depot, station: StationId, connection: number): Promise<void> {
  const evses = depot.evsesOf(station)
  const doubts = settleable(depot, station)
  const booted = depot.links.get(station)?.booted === true
  const cleared = clearLeft(depot, doubts)
  const fallbacks = Promise.all(evses.map((evse) => sendFallback(depot, evse)))
  for (const evse of evses) {
    const use = useOf(depot, evse, depot.transactionAt(evse.key))
    const newest = newestLimit(use.ledger)
    if (newest !== undefined && !lapsed(newest, use, depot.monotonic))
      sendLimit(depot, evse, renewed(depot, use, { newest, booted }))
  }
  const accepted = [await cleared, ...(await fallbacks)].every(Boolean)
  const link = depot.links.get(station)
  if (link?.connection !== connection) return
  if (!accepted) return retryLater(depot, station, connection)
  depot.links.set(station, { ...link, reconciling: false, reconciled: true })
  if (doubts.length > 0) depot.recorder.note(reconciledFacts(depot, doubts))
  depot.urge()
  depot.stationReady?.(station)
  sendWaiting(depot, station)
  for (const evse of evses) ask(depot, evse, connectorOf(depot, evse) === undefined || !link.booted)
}

/**
 * One that booted may have forgotten its limit, and gets it back only where it may rise; while we start up ourselves what
 * stood goes on, for then nothing else has risen.
 */
function renewed(
  depot: Depot,
  use: EvseUse,
  { newest, booted }: { newest: StandingLimit; booted: boolean },
): LimitMove {
  const renewal = renewalOf(use, newest, depot.monotonic)
  if (!booted || !depot.ready || !depot.barred.has(use.evse.key)) return renewal
  return { ...renewal, level: Math.min(renewal.level, levelOf(use.evse.fallback)) }
}

/** Asks for state and values; a station that refuses is not asked again on this connection. */
function ask(depot: Depot, { key, station, evse }: Evse, status: boolean): void {
  const options = { priority: 'poll', deadline: seconds(30) } as const
  const send = (message: 'StatusNotification' | 'MeterValues') =>
    depot.deps.commands.send(station, { kind: 'trigger', message, evse }, options).catch(() => undefined)
  if (status) void send('StatusNotification')
  if (depot.transactionAt(key)) void send('MeterValues')
}

function retryLater(depot: Depot, station: StationId, connection: number): void {
  const link = depot.links.get(station)
  if (link?.connection !== connection) return
  depot.links.set(station, { ...link, reconciling: false })
  const timer = depot.deps.clock.timer(AGAIN, () => {
    depot.timers.delete(timer)
    if (depot.links.get(station)?.connection === connection) reconcile(depot, station)
  })
  depot.timers.add(timer)
}
