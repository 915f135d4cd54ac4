import type { EvseKey } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { between, type Duration, later, type Monotonic, seconds } from '@busbar/units/time.ts'
import { newestLimit, type StandingLimit } from '../domain/charging/limit-ledger.ts'
import type { StationAnswer, StationCommand } from '../domain/commands.ts'
import type { FactTypes } from '../domain/facts.ts'
import type { ChargingLimit } from '../domain/limit.ts'
import type { EvseUse } from '../domain/load-balancing/hold.ts'
import { type Level, levelOf } from '../domain/load-balancing/rows.ts'
import { renewedLevel } from '../domain/load-balancing/sure.ts'
import type { SendOptions } from '../domain/ports/station-commands.ts'
import type { Evse } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'

/** A limit goes first; its answer is waited for this long. */
const LIMIT: SendOptions = { priority: 'limit', deadline: seconds(10) }
/** Time before a refused or unanswered limit is tried again. */
const RETRY = seconds(10)

/** The limit of a level, in the EVSE's own unit. */
export const limitOf = (evse: Evse, level: Level): ChargingLimit =>
  evse.current === 'ac' ? { limit_a: amps(level / 1000) } : { limit_w: watts(level) }

/** A raise or renewal whose record took longer than this to reach the disk is decided anew. */
const LATE = seconds(2)

export interface LimitMove {
  readonly level: Level
  readonly kind: 'decrease' | 'raise' | 'renewal'
  /** Absent: as long as the policy says. */
  readonly lease?: Duration
}

/** Sends a limit again, or what stood before it where it may be a raise that never arrived. */
export const renewalOf = (use: EvseUse, newest: StandingLimit, now: Monotonic): LimitMove => ({
  level: renewedLevel(use, { newest: levelOf(newest.limit), now }),
  kind: 'renewal',
})

/**
 * Sends a running transaction's limit as a lease. A decrease leaves from memory at once and its fact follows. A raise
 * or renewal leaves only when the record that it may be in force is on disk, if it is still the newest and, for a
 * raise, if its rows still allow it.
 */
export function sendLimit(depot: Depot, evse: Evse, move: LimitMove): void {
  const open = depot.transactionAt(evse.key)
  const link = depot.links.get(evse.station)
  if (open === undefined || link === undefined || depot.untold.has(open.transaction)) return
  const lease = move.lease ?? seconds(depot.setup.policy.leaseS)
  const limit = limitOf(evse, move.level)
  const { transaction } = open
  const command: StationCommand = {
    kind: 'set-transaction-limit',
    evse: evse.evse,
    transaction,
    limit,
    lease,
  }
  if (neverLeaves(depot, evse, command)) {
    rest(depot, evse.key, { level: move.level, refused: true })
    return
  }
  const { request, durable } = recordSent(depot, evse, { purpose: 'transaction', transaction, limit, lease })
  const leave = () => dispatch(depot, evse, { command, request, level: move.level })
  if (move.kind !== 'renewal') depot.lastChange.set(evse.key, depot.monotonic)
  if (move.kind === 'decrease') {
    durable.catch(() => undefined)
    leave()
    return
  }
  const decided = depot.monotonic
  const unsent = (reason: 'superseded' | 'expired') =>
    noteAnswer(depot, evse, { request, level: move.level, answer: { status: 'not-sent', reason } })
  durable.then(
    () => {
      const newest = newestLimit(depot.ledger(evse.key))?.request === request
      const sameLink = depot.links.get(evse.station)?.connection === link.connection
      const allowed = move.kind === 'renewal' || !depot.barred.has(evse.key)
      if (newest && sameLink && allowed && between(decided, depot.monotonic) <= LATE) leave()
      else unsent('superseded')
    },
    () => unsent('expired'),
  )
}

/** The station's profile keeps it here, whenever it is tried: it is not recorded as sent, nor as worn into flash. */
const neverLeaves = (depot: Depot, { station }: Evse, command: StationCommand): boolean =>
  (depot.deps.effects?.refusalOf(station, command) ?? null) !== null

/**
 * Installs the fallback as the station's default. Resolves true when there is nothing to try again: it was accepted, or
 * the station's profile takes no default, which leaves it unproven and the EVSE at its rating.
 */
export async function sendFallback(depot: Depot, evse: Evse): Promise<boolean> {
  const limit = evse.fallback
  const command: StationCommand = { kind: 'set-default-limit', evse: evse.evse, limit }
  if (neverLeaves(depot, evse, command)) {
    depot.refusedFallback.add(evse.key)
    return true
  }
  const { request, durable } = recordSent(depot, evse, {
    purpose: 'default',
    transaction: null,
    limit,
    lease: null,
  })
  durable.catch(() => undefined)
  const answer = await depot.deps.commands.send(evse.station, command, LIMIT)
  noteAnswer(depot, evse, { request, level: null, answer })
  if (answer.status === 'rejected') depot.refusedFallback.add(evse.key)
  if (answer.status === 'accepted') depot.refusedFallback.delete(evse.key)
  return answer.status === 'accepted'
}

/** Counts the limit from here on: in memory at once, on disk when `durable` resolves. */
function recordSent(
  depot: Depot,
  evse: Evse,
  of: Pick<FactTypes['ChargingLimitSent'], 'purpose' | 'transaction' | 'limit'> & { lease: Duration | null },
): { request: number; durable: Promise<void> } {
  const { purpose, transaction, limit, lease } = of
  const request = depot.ledger(evse.key).lastRequest + 1
  depot.flashWear.wrote(evse.station, depot.monotonic)
  depot.limitClock.sent(evse.key, request, { at: depot.monotonic, lease })
  const sent = depot.recorder.fact(
    'ChargingLimitSent',
    { type: 'evse', id: evse.key },
    {
      station: evse.station,
      evse: evse.evse,
      request,
      limit,
      purpose,
      transaction,
      lease_until: lease === null ? null : later(depot.now, lease),
    },
  )
  return { request, durable: depot.recorder.record([sent]) }
}

interface SentLimit {
  readonly request: number
  /** Null for a default. */
  readonly level: Level | null
}

function dispatch(depot: Depot, evse: Evse, of: SentLimit & { command: StationCommand }): void {
  const lost: StationAnswer = { status: 'unanswered', reason: 'error', detail: 'the sender failed' }
  // What throws instead of answering may have left all the same.
  const send = async () => depot.deps.commands.send(evse.station, of.command, LIMIT)
  send().then(
    (answer) => noteAnswer(depot, evse, { ...of, answer }),
    () => noteAnswer(depot, evse, { ...of, answer: lost }),
  )
}

function noteAnswer(depot: Depot, evse: Evse, of: SentLimit & { answer: StationAnswer }): void {
  const { request, level, answer } = of
  const { key, station } = evse
  if (level !== null && answer.status === 'accepted') depot.failures.delete(key)
  else if (level !== null && failed(answer))
    rest(depot, key, { level, refused: answer.status === 'rejected' })
  if (answer.status === 'rejected' || answer.status === 'not-sent') noChange(depot, key, request)
  else if (level !== null) noteModules(depot, evse, level)
  depot.limitClock.answered(key, request, depot.monotonic)
  const reason = 'reason' in answer ? answer.reason : null
  const data = { station, evse: evse.evse, request, answer: answer.status, reason }
  depot.recorder.note([depot.recorder.fact('ChargingLimitAnswered', { type: 'evse', id: key }, data)])
  depot.limitClock.prune(key, depot.ledger(key))
  depot.urge()
}

function rest(
  depot: Depot,
  key: EvseKey,
  failed: { readonly level: Level; readonly refused: boolean },
): void {
  depot.failures.set(key, { until: (depot.monotonic + RETRY) as Monotonic, ...failed })
}

function noteModules(depot: Depot, evse: Evse, level: Level): void {
  const grid = moduleW(depot, evse)
  const open = depot.transactionAt(evse.key)
  if (grid === null || open === undefined) return
  const at = depot.monotonic
  depot.moduleMoves.took(evse.key, { transaction: open.transaction, level, grid, at })
}

/** The power of one module of the cabinet that the EVSE is an outlet of, W. */
export function moduleW({ setup }: Depot, { station }: Evse): Level | null {
  const cabinet = setup.site.cabinets?.find((each) => each.station === station)
  return cabinet?.modules?.powerW ?? null
}

/** What the station did not take in is no change to rest from. */
function noChange(depot: Depot, key: EvseKey, request: number): void {
  const sentAt = depot.limitClock.of(key).get(request)?.sentAt
  if (sentAt !== undefined && depot.lastChange.get(key) === sentAt) depot.lastChange.delete(key)
}

/** A limit that was overtaken, came too late or found no station is not held against the station. */
const failed = (answer: StationAnswer): boolean =>
  answer.status !== 'not-sent' || answer.reason === 'queue-full'

/** Whether this limit is not tried yet because the last one failed; one below that is always tried. */
export function restingAfterFailure(depot: Depot, key: EvseKey, move: LimitMove): boolean {
  const failure = depot.failures.get(key)
  if (failure === undefined || failure.until <= depot.monotonic) return false
  return move.kind !== 'decrease' || move.level >= failure.level
}
