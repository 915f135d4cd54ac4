import type { Depot } from '../depot.ts'

/** A station whose flash has taken its writes of the day is told of for as long as it has. */
export function warnOfWear(depot: Depot): void {
  for (const station of depot.setup.stations) {
    const code = `station.flash-wear.${station}`
    const writes = depot.flashWear.writes(station, depot.monotonic)
    if (writes < depot.setup.policy.limitWritesPerDay) depot.deps.health.clear(code)
    else {
      const text = `Station ${station} was sent ${writes} limits in a day; its limits rise every ten minutes at most`
      depot.deps.health.raise({ code, severity: 3, text })
    }
  }
}
