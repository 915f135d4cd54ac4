import type { MeterFailure, MeterReading } from '../inputs.ts'

/**
 * Readings of the site's meters, pushed as they come. Every scan ends in exactly one call: a reading, stamped when its
 * reply was complete, or a failure. Silence is never a reading.
 */
export interface MeterReadings {
  start(deliver: (result: { reading: MeterReading } | { failure: MeterFailure }) => void): Promise<void>
  stop(): Promise<void>
}
