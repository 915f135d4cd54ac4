import { z } from 'zod'

/** A record that belongs to no transaction, or a transaction with odd figures, until somebody settles it. */
export const DoubtView = z.object({
  doubt: z.string(),
  kind: z.enum(['orphan', 'suspect']),
  station: z.string(),
  transaction: z.string().nullable(),
  reasons: z.array(z.string()),
  /** The message as it came, of an orphan. */
  record: z.string().nullable(),
  at: z.iso.datetime(),
})

/** `GET /api/v1/doubts` */
export const DoubtsView = z.object({ at: z.iso.datetime(), doubts: z.array(DoubtView) })

/** `POST /api/v1/doubts/{doubt}/settle` */
export const SettleRequest = z.strictObject({
  resolution: z
    .enum(['confirmed', 'dismissed', 'corrected'])
    .describe('the figures stand; the record means nothing; the figures are replaced by those given'),
  reason: z.string().min(1).max(500),
  /** The transaction that an orphan belongs to. */
  transaction: z.string().max(36).optional(),
  /** Register at the end of the transaction; needed for `corrected`. */
  meter_stop_wh: z.number().min(0).max(1e10).optional(),
})

export type DoubtView = z.infer<typeof DoubtView>
