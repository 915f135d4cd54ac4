import { type Clock, wait } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { seconds } from '@busbar/units/time.ts'
import type { Observe } from '../domain/observation.ts'
import type { CommitResult, FleetStore, IncomingBatch, IncomingRecord } from '../domain/ports/fleet-store.ts'

/** What committing needs from its surroundings. */
export interface CommitContext {
  readonly store: FleetStore
  readonly clock: Clock
  readonly observe: Observe
  readonly stopped: AbortSignal
}

/** How often a record may fail for a reason of its own before it is set aside. */
const TRIES = 3
const PAUSE = seconds(1)

/** A record that did not make it into the read models, and why. */
export interface SetAside {
  readonly seq: number
  readonly code: string
  readonly reason: string
}

/**
 * Commits a batch, halving it until a record that the store refuses stands alone; after three failures that one goes to
 * quarantine. While the database is away nothing is refused: it waits and tries again.
 */
export async function commitRecords(
  context: CommitContext,
  batch: IncomingBatch,
): Promise<{ result: CommitResult; aside: readonly SetAside[] }> {
  const result = await tryCommit(context, batch)
  if (!(result instanceof DepotError)) return { result, aside: setAsideIn(batch, result) }
  const middle = Math.floor(batch.records.length / 2)
  const [lone] = batch.records
  if (middle === 0 && lone) return commitAlone(context, batch, lone)
  const first = await commitRecords(context, { ...batch, records: batch.records.slice(0, middle) })
  if (first.result.kind === 'gap' || first.result.kind === 'conflict') return first
  const prevHash = batch.records[middle - 1]?.hash ?? batch.prevHash
  const second = await commitRecords(context, { ...batch, prevHash, records: batch.records.slice(middle) })
  return { result: joined(first.result, second.result), aside: [...first.aside, ...second.aside] }
}

function joined(first: CommitResult, second: CommitResult): CommitResult {
  if (first.kind !== 'committed' || second.kind !== 'committed') return second
  return { ...second, added: first.added + second.added }
}

async function commitAlone(context: CommitContext, batch: IncomingBatch, record: IncomingRecord) {
  let reason = ''
  for (let tries = 1; tries < TRIES; tries++) {
    const result = await tryCommit(context, batch)
    if (!(result instanceof DepotError)) return { result, aside: setAsideIn(batch, result) }
    reason = messageOf(result)
  }
  const quarantine = { code: 'poison', reason: printable(reason) }
  const alone = { ...batch, records: [{ ...record, line: printable(record.line), event: null, quarantine }] }
  const result = await tryCommit(context, alone)
  if (result instanceof DepotError) throw result
  return { result, aside: setAsideIn(alone, result) }
}

/** Records in quarantine among those that this commit added. */
function setAsideIn({ records }: IncomingBatch, result: CommitResult): readonly SetAside[] {
  if (result.kind !== 'committed') return []
  const fresh = records.slice(-result.added)
  return fresh.flatMap(({ seq, quarantine }) => (quarantine ? [{ seq, ...quarantine }] : []))
}

/** A database text holds anything but NUL. */
const printable = (text: string): string => text.replaceAll('\0', '\\0')

async function tryCommit(context: CommitContext, batch: IncomingBatch): Promise<CommitResult | DepotError> {
  for (;;) {
    try {
      return await context.store.commit(batch)
    } catch (error) {
      if (error instanceof DepotError && error.code === 'store.record-refused') return error
      if (!(error instanceof DepotError) || error.code !== 'store.unavailable') throw error
      context.observe({ kind: 'store-unavailable', depot: batch.depot, detail: error.message })
      await wait(context.clock, PAUSE, context.stopped)
    }
  }
}
