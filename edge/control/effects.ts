import type { EvseKey } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { between, instant, type Monotonic, seconds } from '@busbar/units/time.ts'
import { newestLimit } from '../domain/charging/limit-ledger.ts'
import type { StationAnswer, StationCommand } from '../domain/commands.ts'
import type { ChargingLimit } from '../domain/limit.ts'
import type { Level } from '../domain/load-balancing/rows.ts'
import type { Evse } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'

/** How long a limit's answer is waited for. */
const LIMIT_DEADLINE = seconds(10)
/** Time before a refused or unanswered limit is tried again. */
const RETRY = seconds(10)

/** The limit of a level, in the EVSE's own unit. */
export const limitOf = (evse: Evse, level: Level): ChargingLimit =>
  evse.current === 'ac' ? { limit_a: amps(level / 1000) } : { limit_w: watts(level) }

/**
 * Sends a running transaction's limit as a lease. A decrease leaves from memory at once and its fact follows; it keeps
 * the lease of the limit it replaces, so that a crash before the commit leaves nothing in force longer than the store
 * knows. A raise or renewal leaves only when the record that it may be in force is on disk, and if it is still the newest.
 */
export function sendLimit(
  depot: Depot,
  evse: Evse,
  move: { level: Level; kind: 'decrease' | 'raise' | 'renewal' },
): void {
  const open = depot.transactionAt(evse.key)
  const link = depot.links.get(evse.station)
  if (open === undefined || link === undefined || depot.untold.has(open.transaction)) return
  const ledger = depot.ledger(evse.key)
  const request = ledger.lastRequest + 1
  const limit = limitOf(evse, move.level)
  const full = instant(depot.now + seconds(depot.setup.policy.leaseS))
  const leaseUntil = (move.kind === 'decrease' ? newestLimit(ledger)?.leaseUntil : null) ?? full
  const lease = between(depot.now, leaseUntil)
  const sent = depot.recorder.fact(
    'ChargingLimitSent',
    { type: 'evse', id: evse.key },
    {
      station: evse.station,
      evse: evse.evse,
      request,
      limit,
      purpose: 'transaction',
      transaction: open.transaction,
      lease_until: leaseUntil,
    },
  )
  if (move.kind !== 'renewal') depot.lastChange.set(evse.key, depot.now)
  const durable = depot.recorder.record([sent])
  const command: StationCommand = {
    kind: 'set-transaction-limit',
    evse: evse.evse,
    transaction: open.transaction,
    limit,
    lease,
  }
  if (move.kind === 'decrease') {
    durable.catch(() => undefined)
    dispatch(depot, evse, { command, request })
    return
  }
  durable.then(
    () => {
      const current =
        newestLimit(depot.ledger(evse.key))?.request === request &&
        depot.links.get(evse.station)?.connection === link.connection
      if (current) dispatch(depot, evse, { command, request })
      else noteAnswer(depot, evse, { request, answer: { status: 'not-sent', reason: 'superseded' } })
    },
    () => noteAnswer(depot, evse, { request, answer: { status: 'not-sent', reason: 'expired' } }),
  )
}

/** Installs the fallback as the station's default. Resolves true when it was accepted. */
export async function sendFallback(depot: Depot, evse: Evse): Promise<boolean> {
  const request = depot.ledger(evse.key).lastRequest + 1
  const sent = depot.recorder.fact(
    'ChargingLimitSent',
    { type: 'evse', id: evse.key },
    {
      station: evse.station,
      evse: evse.evse,
      request,
      purpose: 'default',
      transaction: null,
      limit: evse.fallback,
      lease_until: null,
    },
  )
  depot.recorder.note([sent])
  const command: StationCommand = { kind: 'set-default-limit', evse: evse.evse, limit: evse.fallback }
  const answer = await depot.deps.commands.send(evse.station, command, {
    priority: 'limit',
    deadline: LIMIT_DEADLINE,
  })
  noteAnswer(depot, evse, { request, answer })
  return answer.status === 'accepted'
}

function dispatch(
  depot: Depot,
  evse: Evse,
  { command, request }: { command: StationCommand; request: number },
): void {
  depot.deps.commands.send(evse.station, command, { priority: 'limit', deadline: LIMIT_DEADLINE }).then(
    (answer) => noteAnswer(depot, evse, { request, answer }),
    () =>
      noteAnswer(depot, evse, {
        request,
        answer: { status: 'unanswered', reason: 'error', detail: 'the sender failed' },
      }),
  )
}

function noteAnswer(
  depot: Depot,
  evse: Evse,
  { request, answer }: { request: number; answer: StationAnswer },
): void {
  if (answer.status !== 'accepted' && !(answer.status === 'not-sent' && answer.reason === 'superseded'))
    depot.retryAfter.set(evse.key, (depot.monotonic + RETRY) as Monotonic)
  else if (answer.status === 'accepted') depot.retryAfter.delete(evse.key)
  const fact = depot.recorder.fact(
    'ChargingLimitAnswered',
    { type: 'evse', id: evse.key },
    { station: evse.station, evse: evse.evse, request, answer: answer.status, reason: reasonOf(answer) },
  )
  depot.recorder.note([fact])
  depot.urge()
}

const reasonOf = (answer: StationAnswer): string | null => ('reason' in answer ? answer.reason : null)

/** Whether an EVSE's last limit failed so recently that it is not tried again yet. */
export const restingAfterFailure = (depot: Depot, key: EvseKey): boolean =>
  (depot.retryAfter.get(key) ?? 0) > depot.monotonic
