import { z } from 'zod'
import { Lane, WireHash, WireProto, WireSeq, WireTime } from './wire-types.ts'

/** First line of a batch; one line per record follows, byte for byte as in the fact log. */
export const BatchHeader = z.object({
  proto: WireProto,
  lane: Lane,
  depot_id: z.string(),
  epoch: z.string().min(1).max(64),
  boot_id: z.string().max(64),
  /** Names this sending; a repeat has a new one. */
  batch: z.string().max(64),
  from: z.int().min(1),
  to: z.int().min(1),
  /** Chain value before `from`. */
  prev_hash: WireHash,
  /** Chain value at `to`. */
  hash: WireHash,
  head: WireSeq,
  resend: z.boolean(),
  sent_at: WireTime,
})

/** A fact as it is stored and sent. `data` depends on `type`; an unknown type is kept as it is. */
export const FactRecord = z.object({
  seq: z.int().min(1),
  type: z.string().min(1).max(64),
  sv: z.int(),
  occurred_at: WireTime,
  recorded_at: WireTime,
  clock: z.enum(['synced', 'estimated', 'unsynced']),
  entity: z.object({ type: z.string(), id: z.string() }),
  data: z.unknown(),
})

/** Stands for a record that cannot be sent whole; `hash` is its chain value. */
export const RecordStub = z.object({
  seq: z.int().min(1),
  type: z.string().optional(),
  poison: z.literal(true).optional(),
  pruned: z.literal(true).optional(),
  hash: WireHash,
})

export type BatchHeader = z.infer<typeof BatchHeader>
export type FactRecord = z.infer<typeof FactRecord>
export type RecordStub = z.infer<typeof RecordStub>
