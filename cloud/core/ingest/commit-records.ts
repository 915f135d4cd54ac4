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

/**
 * Commits a batch, halving it until a record that the store refuses stands alone; after three failures that one goes to
 * quarantine. While the database is away nothing is refused: it waits and tries again.
 */
export async function commitRecords(context: CommitContext, batch: IncomingBatch): Promise<CommitResult> {
  const refused = await tryCommit(context, batch)
  if (!(refused instanceof DepotError)) return refused
  const middle = Math.floor(batch.records.length / 2)
  const [lone] = batch.records
  if (middle === 0 && lone) return commitAlone(context, batch, lone)
  const first = await commitRecords(context, { ...batch, records: batch.records.slice(0, middle) })
  if (first.kind === 'gap' || first.kind === 'conflict') return first
  const prevHash = batch.records[middle - 1]?.hash ?? batch.prevHash
  const second = await commitRecords(context, { ...batch, prevHash, records: batch.records.slice(middle) })
  const added =
    (first.kind === 'committed' ? first.added : 0) + (second.kind === 'committed' ? second.added : 0)
  return second.kind === 'committed' ? { ...second, added } : second
}

async function commitAlone(
  context: CommitContext,
  batch: IncomingBatch,
  record: IncomingRecord,
): Promise<CommitResult> {
  let reason = ''
  for (let tries = 1; tries < TRIES; tries++) {
    const refused = await tryCommit(context, batch)
    if (!(refused instanceof DepotError)) return refused
    reason = messageOf(refused)
  }
  const aside = {
    ...record,
    line: printable(record.line),
    event: null,
    quarantine: { code: 'poison', reason: printable(reason) },
  }
  const result = await tryCommit(context, { ...batch, records: [aside] })
  if (result instanceof DepotError) throw result
  context.observe({
    kind: 'quarantined',
    depot: batch.depot,
    detail: `fact ${record.seq} (${record.type}): ${reason}`,
  })
  return result
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
