import { PHASES, perPhase } from '@busbar/units/per-phase.ts'
import { type RowLoads, rowLoads } from '../domain/load-balancing/worst-base.ts'
import { carried, type OtherLoads, voltageAt } from '../domain/site/feeding.ts'
import { meterQuality } from '../domain/site/meter-trust.ts'
import type { Circuit } from '../domain/site/site.ts'
import type { Depot } from './depot.ts'

/** What the sources at or below a circuit give it just now. */
export interface SourceReserve {
  /** Of the one that would be missed most, quantity by quantity; one that is firm is not expected to go. */
  readonly reserve: RowLoads
  /** Of all together. */
  readonly total: RowLoads
  /** Every one of them is measured just now. */
  readonly measured: boolean
}

const NONE: SourceReserve = {
  reserve: { currentMa: perPhase(() => 0), powerW: 0 },
  total: { currentMa: perPhase(() => 0), powerW: 0 },
  measured: true,
}

/** What a cloud, an empty battery or a tripped inverter could take away from a circuit. */
export function reserveOf(depot: Depot, { id }: Pick<Circuit, 'id'>): SourceReserve {
  const feeding = depot.wiring.sources.get(id)
  if (feeding === undefined) return NONE
  return feeding
    .map((reach) => {
      const { output, firm, measured } = outputOf(depot, reach.source)
      return { amount: rowLoads(carried(output, reach)), firm, measured }
    })
    .reduce<SourceReserve>(
      ({ reserve, total, measured }, each) => ({
        reserve: each.firm ? reserve : jointly(Math.max, reserve, each.amount),
        total: jointly((a, b) => a + b, total, each.amount),
        measured: measured && each.measured,
      }),
      NONE,
    )
}

const jointly = (join: (a: number, b: number) => number, one: RowLoads, other: RowLoads): RowLoads => ({
  currentMa: perPhase((phase) => join(one.currentMa[phase], other.currentMa[phase])),
  powerW: join(one.powerW, other.powerW),
})

/** What a source gives: what its meter reads, or all it can where that is not known just now. */
function outputOf(depot: Depot, circuit: Circuit): { output: OtherLoads; firm: boolean; measured: boolean } {
  const { voltages, monotonic, setup, meters } = depot
  const lowV = (voltages.bounds.lowV * voltageAt(setup.site, circuit.id)) / setup.site.nominalV
  const place = circuit.meter === null ? undefined : setup.site.meters.get(circuit.meter)
  const trust = place && meters.get(place.id)
  const reading = trust?.reading
  const quality = place && trust && meterQuality(trust, monotonic, place.poll)
  if (reading?.powerW === undefined || (quality !== 'live' && quality !== 'hold'))
    return { output: mostOf(circuit, lowV), firm: false, measured: false }
  const powerW = Math.max(0, -reading.powerW)
  const wired = PHASES.filter((phase) => circuit.ratingA[phase] > 0).length
  const even = powerW / (Math.max(1, wired) * lowV)
  const output: OtherLoads = {
    currentA: perPhase((phase) => (powerW === 0 ? 0 : Math.abs(reading.currentA?.[phase] ?? even))),
    powerW,
  }
  return {
    output,
    firm: isFirm(circuit, { socPct: reading.socPct, live: quality === 'live' }),
    measured: true,
  }
}

/** A battery stays as long as its inverter is online and it has charge to spare; sun and generators are never firm. */
export function isFirm({ source }: Circuit, of: { socPct: number | undefined; live: boolean }): boolean {
  const above = source?.kind === 'battery' ? source.firmAbovePct : null
  return above !== null && of.live && of.socPct !== undefined && of.socPct > above
}

const mostOf = ({ ratingA, source }: Circuit, lowV: number): OtherLoads => ({
  currentA: perPhase((phase) => Math.min(ratingA[phase], (source?.ratingW ?? 0) / lowV)),
  powerW: source?.ratingW ?? 0,
})
