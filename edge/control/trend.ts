import { fromIso, minutes, seconds } from '@busbar/units/time.ts'
import type { LiveSite, TrendSample } from '../domain/live-site.ts'

/** Time between two points of the trend. */
export const TREND_STEP = seconds(5)
const WINDOW = minutes(15)

/** The site's power over the last quarter of an hour. */
export class Trend {
  readonly #samples: TrendSample[] = []

  get samples(): readonly TrendSample[] {
    return this.#samples
  }

  add({ at, power }: Pick<LiveSite, 'at' | 'power'>): void {
    // A line drawn on through a silent meter would pass for a measurement.
    const measured = power.quality === 'live' || power.quality === 'hold'
    this.#samples.push({
      at,
      import_w: measured ? power.import_w : null,
      building_w: measured ? power.building_w : null,
      vehicles_w: power.vehicles_w,
      limit_w: power.limit_w,
    })
    const oldest = fromIso(at) - WINDOW
    while (this.#samples[0] !== undefined && fromIso(this.#samples[0].at) < oldest) this.#samples.shift()
  }
}
