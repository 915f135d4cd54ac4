import type { MeterPicture } from '../../simulators/meter/meter-picture.ts'

/** What flows past every meter of the metering benchmark. */
export const PICTURE: MeterPicture = {
  currentA: { l1: 16, l2: 17, l3: 18 },
  voltageV: { l1: 230, l2: 230, l3: 230 },
  powerFactor: 1,
  frequencyHz: 50,
  importWh: 512_000,
  exportWh: 640,
}
