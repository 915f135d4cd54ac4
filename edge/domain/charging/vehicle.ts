import type { IdToken, VehicleId } from '@busbar/model/ids.ts'
import type { Volts, WattHours } from '@busbar/units/electricity.ts'

/** A vehicle of the fleet, as configured. */
export interface Vehicle {
  readonly id: VehicleId
  readonly idTokens: readonly IdToken[]
  /** Identity of its communication controller, ISO 15118: lower-case hex without separators. */
  readonly evccid: string | null
  readonly batteryWh: WattHours
  /** Highest voltage of its battery; absent: not known. */
  readonly batteryV?: Volts
  /** 1 comes before 2 where order decides. */
  readonly priority: number
  /** What it belongs to, such as a line or a contractor; absent: to nothing. */
  readonly group?: string
}

/** The vehicles and tokens this depot knows. */
export interface Fleet {
  readonly vehicles: ReadonlyMap<VehicleId, Vehicle>
  readonly byToken: ReadonlyMap<IdToken, VehicleId>
  /** Tokens of people, accepted without a vehicle. */
  readonly people: ReadonlySet<IdToken>
}
