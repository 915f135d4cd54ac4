import type { MeterReadings } from './meter-readings.ts'

type Deliver = Parameters<MeterReadings['start']>[0]
/** How a scan ended. */
export type MeterResult = Parameters<Deliver>[0]

/** Meters that say what a test hands them. Between `stop` and `start` nothing is heard. */
export class MemoryMeterReadings implements MeterReadings {
  #deliver: Deliver | undefined

  async start(deliver: Deliver): Promise<void> {
    this.#deliver = deliver
  }

  async stop(): Promise<void> {
    this.#deliver = undefined
  }

  /** Ends a scan. */
  give(result: MeterResult): void {
    this.#deliver?.(result)
  }
}
