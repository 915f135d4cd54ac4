import { z } from 'zod'

const time = z.iso.datetime()

export const TransactionView = z.object({
  transaction: z.string(),
  station: z.string(),
  evse: z.int(),
  vehicle: z.string().nullable(),
  id_token: z.string(),
  started_at: time,
  ended_at: time.nullable(),
  energy_wh: z.number(),
  reason: z.string().nullable(),
})
export const TransactionsView = z.object({ at: time, transactions: z.array(TransactionView) })
export type TransactionsView = z.infer<typeof TransactionsView>
