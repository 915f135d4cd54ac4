import { type Instant, later, minutes } from '@busbar/units/time.ts'

/** What a kWh costs at an instant, in any currency; null where it costs the same always. */
export type PriceAt = (at: Instant) => number | null

/** As far as plans look: slots of a quarter of an hour. */
const SLOTS = 144
const SLOT = minutes(15)
/** Prices change on minutes of the clock, and slots begin anywhere: each is looked at in three places. */
const PARTS = [2.5, 7.5, 12.5].map(minutes)

/** The mean price of each slot from `from`; empty where no price is known or it is the same throughout. */
export function slotPrices(priceAt: PriceAt, from: Instant): readonly number[] {
  const prices: number[] = []
  for (let slot = 0; slot < SLOTS; slot++) {
    const begins = later(from, minutes((slot * SLOT) / 60_000))
    const parts = PARTS.map((part) => priceAt(later(begins, part)))
    const sum = parts.reduce<number | null>(
      (so, each) => (so === null || each === null ? null : so + each),
      0,
    )
    if (sum === null) return []
    prices.push(sum / PARTS.length)
  }
  return prices.every((price) => price === prices[0]) ? [] : prices
}
