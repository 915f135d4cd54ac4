import type { Phase } from '@busbar/units/per-phase.ts'
import type { Version } from './dialect.ts'
import type { Rating } from './offered-limit.ts'

export interface StationPlan {
  readonly id: string
  readonly rating: Rating
  /** Site conductors that the station's L1, L2, L3 hang on. */
  readonly rotation: readonly [Phase, Phase, Phase]
  /** What HTTP Basic sends as the password. */
  readonly secret: string
  /** MeterValueSampleInterval at first start; 10 when absent. */
  readonly meterIntervalS?: number
  /** OCPP version it speaks; 1.6 when absent. */
  readonly version?: Version
  /** Sends BootNotification after every reconnect, as many do; the standard asks for it only after a boot. */
  readonly bootsOnReconnect?: boolean
}
