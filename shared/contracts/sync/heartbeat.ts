import { z } from 'zod'
import { WireSeq, WireTime } from './wire-types.ts'

/** On `up/heartbeat` every 20 s. Data never counts as liveness, and liveness never counts as data. */
export const Heartbeat = z.object({
  epoch: z.string().min(1).max(64),
  boot_id: z.string().min(1).max(64),
  /** Counts up within a boot. */
  n: z.int().min(0),
  at: WireTime,
  lanes: z.object({
    facts: z.object({ head: WireSeq, acked: WireSeq, oldest_age_s: z.number().nullable() }),
  }),
  sw: z.string().max(64),
})
export type Heartbeat = z.infer<typeof Heartbeat>
