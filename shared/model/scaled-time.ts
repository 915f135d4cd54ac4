import type { Duration, Instant } from '@busbar/units/time.ts'
import { instant } from '@busbar/units/time.ts'
import { DepotError } from './depot-error.ts'

/**
 * Time that runs `scale` times as fast as real time, shared by several processes: at the real instant `anchor` it is
 * `origin`. All processes given the same three numbers read the same time.
 */
export interface ScaledTime {
  readonly anchor: Instant
  readonly origin: Instant
  readonly scale: number
}

/** The scaled time at a real instant, in whole milliseconds. */
export const scaledNow = (time: ScaledTime, real: Instant): Instant =>
  instant(Math.floor(time.origin + (real - time.anchor) * time.scale))

/** How long a scaled duration takes in real time. */
export const realDuration = (time: ScaledTime, scaled: Duration): Duration =>
  (scaled / time.scale) as Duration

/** The text form `ANCHOR_MS,ORIGIN_MS,SCALE`, handed to processes on the command line. */
export const formatScaledTime = (time: ScaledTime): string => `${time.anchor},${time.origin},${time.scale}`

/** @throws DepotError `config.clock` when the text is not `ANCHOR_MS,ORIGIN_MS,SCALE` with a scale above 0 */
export function parseScaledTime(text: string): ScaledTime {
  const [anchor, origin, scale] = text.split(',').map(Number)
  const complete = [anchor, origin, scale].every((n) => Number.isFinite(n)) && text.split(',').length === 3
  if (!complete || !scale || scale <= 0)
    throw new DepotError(
      'config.clock',
      `clock "${text}": expected ANCHOR_MS,ORIGIN_MS,SCALE with a scale above 0`,
    )
  return { anchor: instant(anchor ?? 0), origin: instant(origin ?? 0), scale }
}
