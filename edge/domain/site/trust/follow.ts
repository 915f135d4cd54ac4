import type { MeterRating } from './rating.ts'

const STEP = 0.1
/** A meter whose power moved less than this share of the rating did not notice. */
const STILL = 0.01

/**
 * Why a meter cannot have measured, or null: what hangs below it stepped and it stood still.
 * @param stepW what stations below it changed by together, W
 * @param movedW by how much the conductor that moved most did, from before the step to ten seconds after it, W
 */
export function notFollowing(stepW: number, movedW: number, { powerW }: MeterRating): string | null {
  if (Math.abs(stepW) <= STEP * powerW || movedW >= STILL * powerW) return null
  return `stations changed by ${(stepW / 1000).toFixed(1)} kW and its power stood still`
}
