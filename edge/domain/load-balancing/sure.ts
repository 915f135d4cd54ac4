import { between, type Monotonic, seconds } from '@busbar/units/time.ts'
import { acceptedDefault } from '../charging/limit-ledger.ts'
import { type EvseUse, leaseEnd } from './hold.ts'
import { type Level, levelOf } from './rows.ts'

/** How far a station's clock may be ahead: it drops its lease that much before we count its end. */
const AHEAD = seconds(10)

/**
 * The highest limit of a transaction that raises nothing, whichever of our messages arrived: the newest that was accepted
 * and whose lease surely still runs, or else the fallback; less where a lower one was sent since. A limit above it is a raise,
 * also one that was sent before and never answered. @see load-balancing.md 3
 * @returns mA or W
 */
export function sureLevel(use: Pick<EvseUse, 'evse' | 'ledger' | 'times'>, now: Monotonic): Level {
  const { standing } = use.ledger
  const known = standing.findLastIndex((entry) => {
    const end = leaseEnd(entry, use)
    return entry.answer === 'accepted' && (end === null || between(now, end) > AHEAD)
  })
  const since = standing.slice(Math.max(0, known)).map(({ limit }) => levelOf(limit))
  return known >= 0 ? Math.min(...since) : Math.min(defaultLevel(use), ...since)
}

/** What the station last accepted as its default, or is to have. */
const defaultLevel = ({ evse, ledger }: Pick<EvseUse, 'evse' | 'ledger'>): Level =>
  levelOf(acceptedDefault(ledger)?.limit ?? evse.fallback)

/** The level to send again so that a limit's lease goes on: never one that would raise. */
export const renewedLevel = (
  use: Pick<EvseUse, 'evse' | 'ledger' | 'times'>,
  { newest, now }: { newest: Level; now: Monotonic },
): Level => Math.min(newest, sureLevel(use, now))
