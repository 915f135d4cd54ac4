import type { Clock, Timer } from '@busbar/model/clock.ts'
import type { StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import type { ProfileDesk } from './profile-desk.ts'

/** Called with the seconds once a station has been away so long, and with null when it is back. */
type Tell = (station: StationId, awayS: number | null) => void

/** Watches for stations that never dial again once their link is lost, so that a person can go there. */
export class RestartWatch {
  readonly #clock: Clock
  readonly #desk: Pick<ProfileDesk, 'quirksOf'>
  readonly #tell: Tell
  readonly #waiting = new Map<StationId, Timer>()
  readonly #told = new Set<StationId>()

  constructor(clock: Clock, desk: Pick<ProfileDesk, 'quirksOf'>, tell: Tell) {
    this.#clock = clock
    this.#desk = desk
    this.#tell = tell
  }

  away(station: StationId): void {
    const awayS = this.#desk.quirksOf(station)['liveness.manual-restart-after-s']
    if (awayS === undefined || this.#waiting.has(station)) return
    const timer = this.#clock.timer(seconds(awayS), () => {
      this.#waiting.delete(station)
      this.#told.add(station)
      this.#tell(station, awayS)
    })
    this.#waiting.set(station, timer)
  }

  back(station: StationId): void {
    this.#waiting.get(station)?.cancel()
    this.#waiting.delete(station)
    if (this.#told.delete(station)) this.#tell(station, null)
  }

  stop(): void {
    for (const timer of this.#waiting.values()) timer.cancel()
    this.#waiting.clear()
  }
}
