import type { Amps, Watts } from '@busbar/units/electricity.ts'

/** What an EVSE may draw: amperes per phase at the AC input, or watts of DC output. 0 is a pause, never "unlimited". */
export type ChargingLimit = { readonly limit_a: Amps } | { readonly limit_w: Watts }

/** The number alone, for comparing limits of one EVSE (they share a unit). */
export const limitValue = (limit: ChargingLimit): number =>
  'limit_a' in limit ? limit.limit_a : limit.limit_w
