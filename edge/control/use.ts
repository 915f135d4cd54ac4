import { doubtedLimit, limitDoubts } from '../domain/charging/limit-doubt.ts'
import type { OpenTransaction } from '../domain/charging/transaction.ts'
import type { StationCapabilities } from '../domain/inputs.ts'
import { type EvseUse, holdLevel } from '../domain/load-balancing/hold.ts'
import { activePhases, type Coefficient, type Level, levelOf } from '../domain/load-balancing/rows.ts'
import { coefficients } from '../domain/load-balancing/wiring.ts'
import type { Evse } from '../domain/site/site.ts'
import { connectorOf, surelyIdle } from './connector.ts'
import type { Depot } from './depot.ts'
import { reserved } from './reservations.ts'

/** Refused to obey this often: its hardware rating counts. */
export const DISOBEYED = 2

/** What counts for an EVSE's hold just now; `open` is the transaction running there. */
export function useOf(depot: Depot, evse: Evse, open: OpenTransaction | undefined): EvseUse {
  const doubted = doubtedLimit(depot.memory.table(limitDoubts).get(evse.key) ?? [], evse.rating)
  return {
    ...(doubted === undefined ? {} : { doubted: levelOf(doubted) }),
    evse,
    ledger: depot.ledger(evse.key),
    times: depot.limitClock.of(evse.key),
    observation: depot.observation(evse.key),
    capabilities: surelyKept(depot, evse),
    inContact: depot.inContact(evse.station),
    inUse: open !== undefined || !surelyIdle(connectorOf(depot, evse)),
    reserved: reserved(depot, evse),
    disobeying: (depot.disobedience.get(evse.key) ?? 0) >= DISOBEYED,
  }
}

/** What its model does with limits; one whose clock is far behind ends no lease when we count on it. */
function surelyKept(depot: Depot, evse: Evse): StationCapabilities {
  const own = depot.capabilitiesOf(evse)
  return own.offline === 'fallback' && depot.stationClocks.farBehind(evse.station)
    ? { ...own, offline: 'keeps' }
    : own
}

/** An EVSE with all that a decision needs of it, worked out once a tick. */
export interface EvseNow {
  readonly evse: Evse
  readonly use: EvseUse
  readonly open: OpenTransaction | undefined
  readonly hold: Level
  /** How it loads the rows above it, by the conductors its vehicle is known to use. */
  readonly loads: readonly Coefficient[]
}

/** Every EVSE as it stands. */
export function evsesNow(depot: Depot): readonly EvseNow[] {
  const openByEvse = depot.openByEvse()
  const { monotonic } = depot
  const voltage = depot.voltages.bounds
  return [...depot.setup.site.evses.values()].map((evse) => {
    const open = openByEvse.get(evse.key)
    const use = useOf(depot, evse, open)
    const active = activePhases(evse, use.observation.usedPhases)
    const loads = coefficients(depot.wiring, { evse, active, voltage })
    return { evse, use, open, hold: holdLevel(use, monotonic), loads }
  })
}
