import type { Clock } from '@busbar/model/clock.ts'
import type { Phase } from '@busbar/units/per-phase.ts'
import type { Random } from '../random.ts'
import type { Version } from './dialect.ts'
import type { Rating } from './offered-limit.ts'
import type { StationQuirks } from './quirks/quirk-set.ts'
import type { Receipt } from './transaction-queue.ts'
import type { Payload } from './uplink.ts'

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
  /** What it does otherwise than others, by the keys of station profiles. */
  readonly quirks?: StationQuirks
}

export interface StationDeps {
  readonly clock: Clock
  readonly random: Random
  readonly ocppUrl: string
  record(kind: string, detail: Payload): void
  acknowledged(receipt: Receipt): void
}
