import { z } from 'zod'
import { SendLimits, SeqRange, WireHash, WireProto, WireSeq, WireTime } from './wire-types.ts'

/** Where the depot's facts lane stands: its head, what it knows acknowledged, its oldest record held, `hash` of the head. */
export const LaneStand = z.object({ head: WireSeq, acked: WireSeq, floor: WireSeq, hash: WireHash })

/** First message of a connection, on `up/hello`. A signature by the controller's key is to come around it. */
export const Hello = z.object({
  proto: z.object({ min: z.int(), max: z.int() }),
  depot_id: z.string(),
  controller_id: z.string().max(128).nullable(),
  epoch: z.string().min(1).max(64),
  prev_epoch: z.string().max(64).nullable(),
  boot_id: z.string().min(1).max(64),
  boot_no: z.int().min(0),
  cause: z.enum(['start', 'reconnect', 'replaced', 'restored', 'rollback']),
  sw: z.string().max(64),
  encodings: z.array(z.string()),
  lanes: z.object({ facts: LaneStand }),
})

/** Answer on `dn/welcome`: the depot goes on from these heads, not from its own cursor. */
export const Welcome = z.object({
  proto: WireProto,
  epoch: z.string(),
  /** The cloud's counter of this depot's epochs; decides which is newer. */
  epoch_no: z.int().min(1),
  lanes: z.object({ facts: z.object({ seq: WireSeq, hash: WireHash }) }),
  limits: SendLimits,
  want: z.array(SeqRange),
  snapshot: z.enum(['none', 'wanted']),
  server_time: WireTime,
})

export type LaneStand = z.infer<typeof LaneStand>
export type Hello = z.infer<typeof Hello>
export type Welcome = z.infer<typeof Welcome>
