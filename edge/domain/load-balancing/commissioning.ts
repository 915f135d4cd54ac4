import { PHASES } from '@busbar/units/per-phase.ts'
import type { SiteFault } from '../site/check-site.ts'
import type { Site } from '../site/site.ts'
import { levelOf, loadAt, type Row, unitOf } from './rows.ts'
import { coefficients, type Wiring, wiringOf } from './wiring.ts'
import { idleLoad, rowLoads, worstBase } from './worst-base.ts'

/** Standing voltage tolerance at a supply terminal: nominal +-10 %. @see EN 50160 */
const TOLERANCE = 0.1

/**
 * The commissioning gate: on every row the fallbacks of all EVSEs fit, whichever of them draw, beside the worst of other
 * loads. Without that, losing the controller could overload a breaker. What was agreed must be kept by the fallbacks
 * alone: what the building takes is the building's.
 * @param site one that `checkSite` finds no fault with
 * @returns each circuit's or station's rows that are too small, named; empty when the site may be run
 */
export function fallbackFaults(site: Site): readonly SiteFault[] {
  const agreed = (site.limits ?? []).filter(({ direction }) => direction === 'import')
  const wiring = wiringOf(site, agreed)
  const unclear = unbalanceFaults(site, wiring)
  if (unclear.length > 0) return unclear
  const voltage = { highV: site.nominalV * (1 + TOLERANCE), lowV: site.nominalV * (1 - TOLERANCE) }
  const loads = [...site.evses.values()].flatMap((evse) =>
    coefficients(wiring, { evse, active: evse.phases, voltage }).map((c) => ({
      c,
      load: loadAt(c, levelOf(evse.fallback)),
    })),
  )
  const ofRows = Map.groupBy(loads, ({ c }) => c.row)
  return [...wiring.sidesOf.values()].flatMap((sides) => {
    const fullest = sides
      .flatMap((index) => {
        const row = wiring.rows[index]
        const evses = (ofRows.get(index) ?? []).reduce((sum, { load }) => sum + load, 0)
        return row === undefined ? [] : [{ row, load: evses + Math.ceil(baseAt(site, wiring, row)) }]
      })
      .reduce((most, each) => (each.load > most.load ? each : most))
    return fullest.load > fullest.row.limit ? [faultOf(fullest.row, fullest.load)] : []
  })
}

function baseAt(site: Site, wiring: Wiring, row: Row): number {
  if (row.duty === 'contract') return 0
  if (row.station !== undefined) {
    const cabinet = site.cabinets?.find(({ station }) => station === row.station)
    return cabinet === undefined ? 0 : idleLoad(row, cabinet, site.nominalV * (1 - TOLERANCE))
  }
  const circuit = site.circuits.get(row.circuit)
  const worst = rowLoads(wiring.otherLoads.get(row.circuit))
  return circuit === undefined ? 0 : worstBase(row, { circuit, worst, sourcesW: 0 })
}

/** Where currents of different angles meet, the difference of two magnitudes is no sum over EVSEs. */
const unbalanceFaults = (site: Site, { angled }: Wiring): SiteFault[] =>
  [...site.circuits.values()]
    .filter(({ id, unbalanceA }) => unbalanceA !== undefined && angled.has(id))
    .map(({ id }) => ({
      subject: `circuit ${id}`,
      reason: 'its unbalance cannot be limited: EVSEs from line to line, or a delta winding, lie below it',
    }))

function faultOf(row: Row, load: number): SiteFault {
  const amount = (value: number) => `${(value / 1000).toFixed(1)} ${unitOf(row) === 'W' ? 'kW' : 'A'}`
  const subject = row.station === undefined ? `circuit ${row.circuit}` : `station ${row.station}`
  const alone = row.duty === 'contract' || row.kind === 'modules'
  const loads = alone ? 'fallbacks' : `fallbacks and ${row.station ? 'idle power' : 'other loads'}`
  const part = partOf(row)
  return {
    subject,
    reason: `${part === '' ? '' : `${part}: `}${loads} add up to ${amount(load)}, above its ${amount(row.limit)}`,
  }
}

function partOf(row: Row): string {
  const by = row.origin === undefined ? '' : `limit of the ${row.origin}, `
  if (row.kind === 'power') return row.station === undefined ? by.slice(0, -2) : 'input'
  if (row.kind === 'modules') return 'power modules'
  if (row.kind === 'unbalance')
    return (row.between ?? []).map((phase) => phase.toUpperCase()).join(' against ')
  const phase = PHASES.find((each) => each === row.kind)
  if (phase === undefined) return row.kind
  return `${by}${row.station === undefined ? '' : 'input '}${row.loadsOnly ? 'bus ' : ''}phase ${phase.toUpperCase()}`
}
