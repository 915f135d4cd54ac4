import { z } from 'zod'

const time = z.iso.datetime()

/** One charging transaction as the committed facts tell it. Null is not known (yet), never 0. */
export const DepotTransaction = z.object({
  transaction: z.string(),
  station: z.string().nullable(),
  evse: z.int().nullable(),
  vehicle: z.string().nullable(),
  id_token: z.string().nullable(),
  started_at: time.nullable(),
  ended_at: time.nullable(),
  energy_wh: z.number(),
  soc_pct: z.number().nullable(),
  reason: z.string().nullable(),
  incomplete: z.boolean(),
})

/** `GET /api/v1/depots/{id}/transactions`: newest first. */
export const TransactionsPage = z.object({
  depot: z.string(),
  at: time,
  transactions: z.array(DepotTransaction),
})

/** One committed fact. `record` is its text as the depot stored it; null when it was set aside in quarantine. */
export const DepotFact = z.object({
  epoch: z.string(),
  seq: z.int(),
  type: z.string(),
  occurred_at: time,
  recorded_at: time,
  hash: z.string(),
  record: z.string().nullable(),
})

/** `GET /api/v1/depots/{id}/facts`: facts of the current epoch after `after`, in order. */
export const FactsPage = z.object({
  depot: z.string(),
  epoch: z.string().nullable(),
  facts: z.array(DepotFact),
  /** Give it as `after` for the next page; null when this was the last. */
  next_after: z.int().nullable(),
})

export type DepotTransaction = z.infer<typeof DepotTransaction>
export type TransactionsPage = z.infer<typeof TransactionsPage>
export type DepotFact = z.infer<typeof DepotFact>
export type FactsPage = z.infer<typeof FactsPage>
