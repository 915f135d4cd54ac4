import { z } from 'zod'
import { Lane, SendLimits, SeqRange, WireHash, WireProto, WireSeq, WireTime } from './wire-types.ts'

/**
 * On `dn/ack`, after the commit only. `seq` is the highest number committed without a gap; `want` asks for ranges
 * again; `quarantined` lists records set aside, which the head has passed.
 */
export const Ack = z.object({
  proto: WireProto,
  epoch: z.string(),
  lane: Lane,
  seq: WireSeq,
  hash: WireHash,
  want: z.array(SeqRange),
  quarantined: z.array(z.object({ seq: z.int().min(1), code: z.string(), reason: z.string() })),
  limits: SendLimits.optional(),
  server_time: WireTime,
})

/** Why a batch was refused, and what the depot is to do. */
export const SyncErrorBody = z.discriminatedUnion('code', [
  z.object({ code: z.literal('gap'), expected: z.int().min(1) }),
  z.object({
    code: z.literal('bad-batch'),
    /** Absent when not even the header could be read. */
    from: z.int().optional(),
    to: z.int().optional(),
    reason: z.enum(['decompress', 'parse', 'too-large', 'schema', 'hash']),
    detail: z.string(),
  }),
  z.object({ code: z.literal('conflict'), seq: WireSeq }),
  z.object({
    code: z.literal('fenced'),
    current_epoch_no: z.int(),
    reason: z.enum(['replaced', 'restored', 'clone', 'admin']),
  }),
  z.object({ code: z.literal('unknown-epoch'), pending: z.boolean() }),
  z.object({ code: z.literal('proto'), min: z.int(), max: z.int() }),
  z.object({ code: z.literal('slow-down'), retry_after_ms: z.number().min(0) }),
])

/** On `dn/ack` too. */
export const SyncError = z.object({ proto: WireProto, epoch: z.string(), lane: Lane, error: SyncErrorBody })

/** Anything on `dn/ack`. */
export const AckMessage = z.union([SyncError, Ack])

export type Ack = z.infer<typeof Ack>
export type SyncErrorBody = z.infer<typeof SyncErrorBody>
export type SyncError = z.infer<typeof SyncError>
export type AckMessage = z.infer<typeof AckMessage>
