import { type Random, within } from '../random.ts'
import type { FleetEntry } from './config-shape.ts'
import type { FleetVehicle } from './depot.ts'

const DAY_MINUTES = 1440

/** Vehicles drawn from ranges; the same seed draws the same ones. */
export function generateFleet(fleets: readonly FleetEntry[], random: Random): readonly FleetVehicle[] {
  return fleets.flatMap((fleet, i) =>
    Array.from({ length: fleet.count }, (_, n) => generate(fleet, n, random.fork(`${i}/${n}`))),
  )
}

function generate(fleet: FleetEntry, n: number, random: Random): FleetVehicle {
  const id = `${fleet.prefix}${String(n + 1).padStart(2, '0')}`
  const between = ([low, high]: readonly [number, number]) => within(random, low, high)
  const minute = ([from, to]: readonly [number, number]) =>
    Math.floor(between([from, to < from ? to + DAY_MINUTES : to])) % DAY_MINUTES
  const batteryWh = Math.round(between(fleet.battery_wh) / 1000) * 1000
  return {
    vehicle: {
      id,
      idToken: `TAG-${id}`.slice(0, 20),
      batteryWh,
      phases: fleet.phases,
      maxAcW: fleet.max_ac_w,
      maxDcW: fleet.max_dc_w,
      minimumA: fleet.minimum_a,
      targetPct: fleet.target_pct,
    },
    visits: [
      {
        station: fleet.stations[n % fleet.stations.length] ?? '',
        arrivalMinute: minute(fleet.arrival),
        departureMinute: minute(fleet.departure),
        socPct: between(fleet.soc_pct),
        socNeededPct: fleet.soc_needed_pct,
      },
    ],
  }
}
