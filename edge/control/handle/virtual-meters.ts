import type { MeterId } from '@busbar/model/ids.ts'
import { milliseconds } from '@busbar/units/time.ts'
import type { MeterReading } from '../../domain/inputs.ts'
import { type MeterPart, unheard } from '../../domain/site/meter-trust.ts'
import type { MeterPlace } from '../../domain/site/site.ts'
import { virtualTrust } from '../../domain/site/virtual-meter.ts'
import type { Depot } from '../depot.ts'

/** Computes anew every virtual meter that follows from `changed`, and hands on what they read. */
export function deriveVirtual(
  depot: Depot,
  changed: MeterId,
  use: (depot: Depot, place: MeterPlace, reading: MeterReading) => void,
): void {
  for (const place of depot.setup.site.meters.values()) {
    const formula = place.virtual
    if (!formula?.of.includes(changed)) continue
    const before = depot.meters.get(place.id) ?? unheard(depot.startedAt)
    const parts = formula.of.map((meter) => partOf(depot, meter))
    const after = virtualTrust({ meter: place.id, formula, now: depot.monotonic }, before, parts)
    depot.meters.set(place.id, after)
    if (after.reading !== null && after.reading !== before.reading) use(depot, place, after.reading)
    deriveVirtual(depot, place.id, use)
  }
}

const partOf = (depot: Depot, meter: MeterId): MeterPart => {
  const place = depot.setup.site.meters.get(meter)
  return {
    meter,
    trust: depot.meters.get(meter) ?? unheard(depot.startedAt),
    poll: place?.poll ?? milliseconds(0),
  }
}
