import type { StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { type OutboxEntry, outbox } from '../domain/charging/outbox.ts'
import type { StationAnswer } from '../domain/commands.ts'
import type { Fact, FactTypes } from '../domain/facts.ts'
import type { InputOf, Submitted } from '../domain/inputs.ts'
import type { Depot } from './depot.ts'
import { sendDoubtful } from './raw/send-doubtful.ts'

const DEADLINE = seconds(30)

type End = Pick<FactTypes['CommandFinished'], 'result' | 'reason'>

/** The end of a command. */
export const finishedFact = (depot: Depot, command: string, end: End): Fact =>
  depot.recorder.fact('CommandFinished', { type: 'command', id: command }, { command, ...end })

const entries = (depot: Depot): OutboxEntry[] => [...depot.memory.table(outbox).values()]

/** Sends a kept command. @returns its answer, or null when it waits on: nobody was there, or nobody answered */
export async function sendKept(
  depot: Depot,
  { command, station, kept }: OutboxEntry,
): Promise<StationAnswer | null> {
  const ended = !depot.memory.table(outbox).has(command)
  if (kept === null || ended || depot.sending.has(command)) return null
  depot.sending.add(command)
  const connection = depot.links.get(station)?.connection
  const options = { priority: 'operator', deadline: DEADLINE } as const
  const asked = { station, command, request: kept.request }
  const answer = await sendDoubtful(depot, asked, options)
    .then((given) => {
      if (given.status === 'unanswered') depot.tries.unanswered(command, { connection, now: depot.monotonic })
      return given
    })
    .finally(() => depot.sending.delete(command))
  if (answer.status === 'not-sent' || answer.status === 'unanswered') return null
  // Withdrawn or replaced meanwhile: its end is on record.
  if (!depot.memory.table(outbox).has(command)) return answer
  const reason = 'reason' in answer ? answer.reason : null
  await depot.recorder.record([finishedFact(depot, command, { result: answer.status, reason })])
  return answer
}

/** Once a station's limits stand: what has waited for it goes out, one after the other, oldest first. */
export function sendWaiting(depot: Depot, station: StationId): void {
  const connection = depot.links.get(station)?.connection
  const due = ({ command }: OutboxEntry) =>
    !depot.sending.has(command) && depot.tries.due(command, { connection, now: depot.monotonic })
  const waiting = entries(depot).filter(
    (entry) => entry.station === station && entry.kept !== null && due(entry),
  )
  if (waiting.length === 0) return
  void waiting
    .reduce(
      (before, entry) => before.then(() => sendKept(depot, entry)).then(() => undefined),
      Promise.resolve(),
    )
    .catch(() => undefined)
}

/** Gives up commands whose time is over, and sends those again whose pause after an unanswered try is over. */
export function expireWaiting(depot: Depot): void {
  expire(depot)
  for (const [station, { reconciled }] of depot.tries.size === 0 ? [] : depot.links)
    if (reconciled && !busy(depot, station)) sendWaiting(depot, station)
  depot.tries.keep((command) => depot.memory.table(outbox).has(command))
}

/** One of its commands is with the station just now; the others come after it. */
const busy = (depot: Depot, station: StationId): boolean =>
  entries(depot).some((entry) => entry.station === station && depot.sending.has(entry.command))

function expire(depot: Depot): void {
  const over = entries(depot).filter(
    ({ command, kept }) => kept !== null && kept.expiresAt <= depot.now && !depot.sending.has(command),
  )
  if (over.length > 0)
    depot.recorder.note(
      over.map(({ command }) => finishedFact(depot, command, { result: 'rejected', reason: 'expired' })),
    )
}

/** The ends of waiting commands that a newer one of the same slot replaces. */
export const supersededBy = (depot: Depot, station: StationId, slot: string | null): Fact[] =>
  entries(depot)
    .filter((entry) => slot !== null && entry.station === station && entry.kept?.slot === slot)
    .map(({ command }) => finishedFact(depot, command, { result: 'rejected', reason: 'superseded' }))

/** After a start: of commands that never wait nobody can say what came of them. The others go on waiting. */
export function closeInterrupted(depot: Depot): void {
  const cut = entries(depot).filter(({ kept }) => kept === null)
  const end = { result: 'unanswered', reason: 'the controller was restarted' } as const
  if (cut.length > 0) depot.recorder.note(cut.map(({ command }) => finishedFact(depot, command, end)))
}

/** A waiting command is given up; one that is with its station cannot be called back. */
export function commandWithdrawn(
  depot: Depot,
  { command, by }: InputOf<'command-withdrawn'>,
): Submitted<'command-withdrawn'> {
  const entry = depot.memory.table(outbox).get(command)
  if (entry === undefined || entry.kept === null || depot.sending.has(command))
    return { outcome: { found: false }, durable: Promise.resolve() }
  const end = finishedFact(depot, command, { result: 'rejected', reason: `withdrawn by ${by}` })
  return { outcome: { found: true }, durable: depot.recorder.record([end]) }
}
