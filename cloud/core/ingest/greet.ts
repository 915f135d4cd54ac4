import type { SyncErrorBody } from '@busbar/contracts/sync/ack.ts'
import { chainStart } from '@busbar/contracts/sync/chain.ts'
import { Hello, type Welcome } from '@busbar/contracts/sync/hello.ts'
import { SYNC_VERSION } from '@busbar/contracts/sync/version.ts'
import { toIso } from '@busbar/units/time.ts'
import type { CommitContext } from './commit-records.ts'
import { SEND_LIMITS, type SendDown } from './facts-lane.ts'
import type { Fleet } from './fleet.ts'
import { parseJson } from './parse-json.ts'

/** Answers a hello: with the heads the depot goes on from, or with why it may not. */
export async function greet(
  depot: string,
  payload: Uint8Array,
  wiring: { context: CommitContext; fleet: Fleet; send: SendDown },
): Promise<void> {
  const { context, fleet, send } = wiring
  const refuse = (epoch: string, error: SyncErrorBody) =>
    send(depot, 'ack', { proto: SYNC_VERSION, epoch, lane: 'facts', error })
  const hello = Hello.safeParse(parseJson(payload))
  if (!hello.success || hello.data.depot_id !== depot) {
    const detail = hello.success
      ? `hello names depot ${hello.data.depot_id}`
      : `hello: ${hello.error.message}`
    return context.observe({ kind: 'bad-message', depot, detail })
  }
  const { epoch, prev_epoch, proto, cause, lanes } = hello.data
  if (proto.min > SYNC_VERSION || proto.max < SYNC_VERSION)
    return refuse(epoch, { code: 'proto', min: SYNC_VERSION, max: SYNC_VERSION })
  const at = context.clock.now()
  const claim = { depot, epoch, prevEpoch: prev_epoch, cause, start: chainStart(epoch), at }
  const verdict = await context.store.claimEpoch(claim)
  if (verdict.state !== 'current')
    context.observe({ kind: 'epoch', depot, detail: `${epoch} is ${verdict.state}` })
  if (verdict.state === 'unknown') return refuse(epoch, { code: 'unknown-epoch', pending: true })
  if (verdict.state === 'fenced')
    return refuse(epoch, { code: 'fenced', current_epoch_no: verdict.epochNo, reason: 'replaced' })
  fleet.greeted(depot, { epoch, head: verdict.head }, lanes.facts.head)
  const welcome: Welcome = {
    proto: SYNC_VERSION,
    epoch,
    epoch_no: verdict.epochNo,
    lanes: { facts: verdict.head },
    limits: SEND_LIMITS,
    want: [],
    snapshot: 'none',
    server_time: toIso(at),
  }
  send(depot, 'welcome', welcome)
}
