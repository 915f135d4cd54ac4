import { z } from 'zod'
import { SYNC_VERSION } from './version.ts'

/** ISO 8601, UTC. */
export const WireTime = z.iso.datetime()
/** SHA-256, lower-case hex. */
export const WireHash = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')
/** Number of a record in its lane; 0 is the empty lane. */
export const WireSeq = z.int().min(0)
export const WireProto = z.literal(SYNC_VERSION)
/** `telemetry` is reserved: no part uploads it yet. */
export const Lane = z.enum(['facts', 'telemetry'])
export const SeqRange = z.object({ from: z.int().min(1), to: z.int().min(1) })

/** What the cloud lets a depot send at once. Times are the depot clock's. */
export const SendLimits = z.object({
  /** Unacknowledged batches. */
  window: z.int().min(1).max(64),
  /** Size of a batch after compression. */
  max_bytes: z.int().min(4096),
  /** Time between two batches. */
  min_interval_ms: z.number().min(0),
  /** Mean rate over a few seconds; absent is no limit. */
  max_bytes_per_s: z.number().positive().optional(),
})
export type SendLimits = z.infer<typeof SendLimits>
