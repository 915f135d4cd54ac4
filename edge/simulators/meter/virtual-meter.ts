import type { Clock } from '@busbar/model/clock.ts'
import type { MeterProfile } from '../../profiles/meter-profile.ts'
import type { MeterPicture } from './meter-picture.ts'
import { type LineEnd, startVirtualLine, type VirtualLine } from './virtual-line.ts'

export interface VirtualMeterOptions {
  readonly profile: MeterProfile
  /** Modbus TCP when absent. */
  readonly kind?: LineEnd['kind']
  /** Of a network address. */
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly unit: number
  /** What flows past the meter at the moment it is asked. */
  readonly picture: () => MeterPicture
  /** Real time when absent. */
  readonly clock?: Clock
}

export interface VirtualMeter extends VirtualLine {
  /** Requests received so far. */
  requests(): number
}

/**
 * A meter that holds what its profile says: one unit on a line of its own.
 * @throws DepotError `simulator.meter-port`, `simulator.pty`
 */
export async function startVirtualMeter(options: VirtualMeterOptions): Promise<VirtualMeter> {
  const { profile, kind = 'tcp', host, port, unit, picture, clock } = options
  const line = await startVirtualLine({
    end: kind === 'rtu' ? { kind } : { kind, host, port },
    units: [{ unit, profile, picture }],
    ...(clock && { clock }),
  })
  return { ...line, requests: () => line.counters().requests }
}
