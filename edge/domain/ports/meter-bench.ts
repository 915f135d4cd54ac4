import type { MeterId } from '@busbar/model/ids.ts'
import type { MeterInspection } from '../site/trust/inspection.ts'

/** A device to be asked that need not be configured. */
export interface ProbeTarget {
  readonly profile: string
  readonly way: 'modbus_tcp' | 'modbus_rtu_tcp'
  readonly host: string
  readonly port: number
  readonly unit: number
  readonly addressOffset?: number
}

/** A device that could not be read, and why. */
export interface ProbeFailure {
  readonly failed: string
  readonly reason: string
}

/** Looks into meters for people who install them. Reads only. */
export interface MeterBench {
  /** Null of a meter that is not asked, such as one that sends by itself, and before its first answer. */
  inspect(meter: MeterId): Promise<MeterInspection | null>
  /** Over a connection of its own. */
  probe(target: ProbeTarget): Promise<MeterInspection | ProbeFailure>
  profiles(): readonly {
    readonly id: string
    readonly vendor: string
    readonly models: readonly string[]
    readonly verified: string
  }[]
}
