import { z } from 'zod'

const name = z.string().min(1).max(255)
const smallCount = z.int().min(0).max(1_000_000)
/** Milliseconds since 1970 within the years a date can show. */
const moment = z
  .int()
  .min(0)
  .max(8_640_000_000_000_000 / 1000)

/** The parts of fact data that the cloud reads; more may stand beside them. Instants are ms since 1970, energy Wh. */
export const TransactionStartedData = z.object({
  transaction: name,
  station: name,
  evse: smallCount,
  connector: smallCount,
  id_token: z.string().max(255),
  vehicle: name.nullable(),
  meter_start_wh: z.number(),
  started_at: moment,
})

export const TransactionEnergyReadData = z.object({
  transaction: name,
  energy_wh: z.number(),
  soc_pct: z.number().nullable(),
})

export const TransactionEndedData = z.object({
  transaction: name,
  station: name,
  evse: smallCount,
  energy_wh: z.number(),
  ended_at: moment,
  reason: z.string().max(255),
  incomplete: z.boolean(),
})
