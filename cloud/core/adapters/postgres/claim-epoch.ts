import type { Transaction } from 'kysely'
import type { EpochClaim, EpochVerdict } from '../../domain/ports/fleet-store.ts'
import type { Schema } from './schema.ts'

/** Finds or accepts the epoch of a hello; the depot's row is locked, so that two claims cannot both win. */
export async function claimEpoch(tx: Transaction<Schema>, claim: EpochClaim): Promise<EpochVerdict> {
  await tx.selectFrom('depots').select('id').where('id', '=', claim.depot).forUpdate().execute()
  const epochs = await tx.selectFrom('epochs').selectAll().where('depot', '=', claim.depot).execute()
  const current = epochs.find((row) => row.state === 'current')
  const known = epochs.find((row) => row.epoch === claim.epoch)
  const start = { seq: 0, hash: claim.start }
  if (known) {
    const state = known.state === 'pending' ? 'unknown' : known.state
    return { state, epochNo: current?.epoch_no ?? 0, head: await headOf(tx, claim, start) }
  }
  if (current && claim.prevEpoch !== current.epoch)
    return { state: 'unknown', epochNo: current.epoch_no, head: start }
  if (current) {
    const old = tx.updateTable('epochs').set({ state: 'fenced' })
    await old.where('depot', '=', claim.depot).where('epoch', '=', current.epoch).execute()
  }
  const epochNo = Math.max(0, ...epochs.map((row) => row.epoch_no)) + 1
  await insertEpoch(tx, claim, epochNo)
  return { state: 'current', epochNo, head: start }
}

async function insertEpoch(tx: Transaction<Schema>, claim: EpochClaim, epochNo: number): Promise<void> {
  const { depot, epoch, cause } = claim
  const row = {
    depot,
    epoch,
    epoch_no: epochNo,
    cause,
    prev_epoch: claim.prevEpoch,
    first_seen: new Date(claim.at),
  }
  await tx
    .insertInto('epochs')
    .values({ ...row, state: 'current' })
    .execute()
  await tx.insertInto('heads').values({ depot, epoch, lane: 'facts', seq: 0, hash: claim.start }).execute()
}

async function headOf(tx: Transaction<Schema>, claim: EpochClaim, start: EpochVerdict['head']) {
  const heads = tx.selectFrom('heads').select(['seq', 'hash']).where('depot', '=', claim.depot)
  const head = await heads.where('epoch', '=', claim.epoch).where('lane', '=', 'facts').executeTakeFirst()
  return head ?? start
}
