import type { Bounds } from './bounds.ts'

/** Of the month that ships, by kW of the transformer; made anew by `npm run -s bench:balancing -- --bounds`. */
export const SHIPPED_BOUNDS: Readonly<Record<number, Bounds>> = {
  20: { energyKwh: 7255.159195, ready: 880.325592 },
  30: { energyKwh: 8544.878924, ready: 929.010189 },
  40: { energyKwh: 8906.020633, ready: 937.39194 },
  50: { energyKwh: 8957.241001, ready: 938.000484 },
  70: { energyKwh: 8957.241001, ready: 938.000487 },
}
