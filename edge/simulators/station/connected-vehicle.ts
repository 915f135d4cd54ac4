import type { Instant } from '@busbar/units/time.ts'

/** One value for each of a station's own conductors L1, L2, L3. */
export type Conductors = readonly [number, number, number]

/** What a station holds out to the vehicle: A per phase on its first `phases` conductors, or W of DC. */
export type Offer =
  | { readonly kind: 'ac'; readonly limitA: number; readonly phases: 1 | 3; readonly voltageV: Conductors }
  | { readonly kind: 'dc'; readonly limitW: number }

/** What the vehicle takes. */
export interface Draw {
  /** A per conductor of the station; all 0 for DC. */
  readonly currentA: Conductors
  /** W at the outlet. */
  readonly powerW: number
}

/** A vehicle at a station's connector. */
export interface ConnectedVehicle {
  readonly id: string
  readonly idToken: string
  /** 0 to 100. */
  readonly socPct: number
  /** Has all it wants. */
  readonly full: boolean
  /** Draws for `dtS` seconds up to `at`; `offer` null is an open contactor. */
  charge(offer: Offer | null, at: Instant, dtS: number): Draw
}

export const NO_DRAW: Draw = { currentA: [0, 0, 0], powerW: 0 }
