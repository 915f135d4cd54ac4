import { z } from 'zod'
import { WireTime } from './wire-types.ts'

/**
 * Retained on `up/presence`, and the depot's will with `online:false`. A hint only: the age of the heartbeat decides.
 * An offline message counts only when epoch, boot and connection are those of the latest online message.
 */
export const Presence = z.object({
  v: z.literal(1),
  online: z.boolean(),
  epoch: z.string().min(1).max(64),
  boot_id: z.string().min(1).max(64),
  /** Counts MQTT connections in this boot. */
  conn: z.int().min(0),
  /** Null in a will, whose time nobody knows. */
  at: WireTime.nullable(),
  sw: z.string().max(64),
  reason: z.enum(['shutdown', 'restart', 'update']).optional(),
})
export type Presence = z.infer<typeof Presence>
