import type { Instant } from '@busbar/units/time.ts'
import {
  type Conductors,
  type ConnectedVehicle,
  type Draw,
  NO_DRAW,
  type Offer,
} from './connected-vehicle.ts'
import type { Rating } from './offered-limit.ts'

/** DC output over AC input. */
const EFFICIENCY = 0.94
const DC_POWER_FACTOR = 0.98

/** What the station's own meter shows. */
export interface OutletReading {
  /** Lifetime register, Wh at the outlet. */
  readonly registerWh: number
  /** W at the outlet. */
  readonly powerW: number
  /** AC side, A per conductor of the station. */
  readonly currentA: Conductors
  /** AC side, V to neutral. */
  readonly voltageV: Conductors
  readonly socPct: number | null
}

/** The power part of a station: contactor, meter and, for DC, the rectifier. */
export class Outlet {
  readonly powerFactor: number
  readonly #rating: Rating
  #registerWh: number
  #draw: Draw = NO_DRAW
  #currentA: Conductors = [0, 0, 0]
  #voltageV: Conductors = [230, 230, 230]

  constructor(rating: Rating, registerWh: number) {
    this.#rating = rating
    this.#registerWh = registerWh
    this.powerFactor = rating.kind === 'dc' ? DC_POWER_FACTOR : 1
  }

  /** `limit` in the unit of the rating; null opens the contactor. */
  step(
    vehicle: ConnectedVehicle | null,
    limit: number | null,
    time: { at: Instant; dtS: number; voltageV: Conductors },
  ): void {
    this.#voltageV = time.voltageV
    const offer = limit === null ? null : this.#offer(limit)
    this.#draw = vehicle ? vehicle.charge(offer, time.at, time.dtS) : NO_DRAW
    this.#currentA = this.#rating.kind === 'ac' ? this.#draw.currentA : this.#inputCurrent()
    this.#registerWh += (this.#draw.powerW * time.dtS) / 3600
  }

  /** The contactor opens now, not at the next step. */
  open(): void {
    this.#draw = NO_DRAW
    this.#currentA = [0, 0, 0]
  }

  get drawing(): boolean {
    return this.#draw.powerW > 0
  }

  read(vehicle: ConnectedVehicle | null): OutletReading {
    return {
      registerWh: Math.floor(this.#registerWh),
      powerW: this.#draw.powerW,
      currentA: this.#currentA,
      voltageV: this.#voltageV,
      socPct: this.#rating.kind === 'dc' && vehicle ? vehicle.socPct : null,
    }
  }

  #offer(limit: number): Offer {
    const { kind, phases } = this.#rating
    return kind === 'ac' ? { kind, limitA: limit, phases, voltageV: this.#voltageV } : { kind, limitW: limit }
  }

  /** A constant-power load on three conductors: the current rises as the voltage sags. */
  #inputCurrent(): Conductors {
    const perConductorW = this.#draw.powerW / EFFICIENCY / DC_POWER_FACTOR / 3
    const [a, b, c] = this.#voltageV
    return [perConductorW / a, perConductorW / b, perConductorW / c]
  }
}
