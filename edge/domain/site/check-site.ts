import { PHASES, perPhase } from '@busbar/units/per-phase.ts'
import { limitValue } from '../limit.ts'
import { type Circuit, type Evse, type Site, upstream, worstOtherLoads } from './site.ts'

/** Something that makes a site unsafe or senseless, naming the circuit, EVSE or meter. */
export interface SiteFault {
  readonly subject: string
  readonly reason: string
}

/**
 * The commissioning gate: the tree is a tree, every rating is there, and on every row the fallbacks of all EVSEs fit
 * beside the worst uncontrolled load. Without that, losing the controller could overload a breaker.
 * @returns every fault found; empty when the site may be run
 */
export function checkSite(site: Site): readonly SiteFault[] {
  const tree = [...site.circuits.values()].flatMap((circuit) => treeFaults(site, circuit))
  const wiring = [...site.evses.values()].flatMap((evse) => wiringFaults(site, evse))
  const meters = [...site.meters.values()]
    .filter((meter) => !site.circuits.has(meter.circuit))
    .map((meter) => ({
      subject: `meter ${meter.id}`,
      reason: `its circuit "${meter.circuit}" does not exist`,
    }))
  if (tree.length + wiring.length + meters.length > 0) return [...tree, ...wiring, ...meters]
  return [...site.circuits.values()].flatMap((circuit) => fallbackFaults(site, circuit))
}

function treeFaults(site: Site, circuit: Circuit): SiteFault[] {
  const subject = `circuit ${circuit.id}`
  if (circuit.parent !== null && !site.circuits.has(circuit.parent))
    return [{ subject, reason: `its parent "${circuit.parent}" does not exist` }]
  const chain = upstream(site, circuit.id)
  if (chain.some(({ id }) => id === chain.at(-1)?.parent))
    return [{ subject, reason: 'it feeds itself through its parents' }]
  const { meter } = circuit
  if (meter !== null && site.meters.get(meter)?.circuit !== circuit.id)
    return [{ subject, reason: `its meter "${meter}" does not measure it` }]
  return []
}

function wiringFaults(site: Site, evse: Evse): SiteFault[] {
  const subject = `EVSE ${evse.key}`
  const faults: SiteFault[] = []
  if (!site.circuits.has(evse.circuit))
    faults.push({ subject, reason: `its circuit "${evse.circuit}" does not exist` })
  if (new Set(evse.phases).size !== evse.phases.length || evse.phases.length === 0)
    faults.push({
      subject,
      reason: `its phases [${evse.phases.join(', ')}] must name each site conductor at most once`,
    })
  const unit = evse.current === 'ac' ? 'limit_a' : 'limit_w'
  if (!(unit in evse.rating) || !(unit in evse.fallback))
    faults.push({ subject, reason: `its rating and fallback must be in ${unit === 'limit_a' ? 'A' : 'W'}` })
  else if (limitValue(evse.fallback) > limitValue(evse.rating))
    faults.push({
      subject,
      reason: `its fallback ${limitValue(evse.fallback)} is above its rating ${limitValue(evse.rating)}`,
    })
  return faults
}

function fallbackFaults(site: Site, circuit: Circuit): SiteFault[] {
  const below = [...site.evses.values()].filter((evse) => upstream(site, evse.circuit).includes(circuit))
  const subject = `circuit ${circuit.id}`
  const others = worstOtherLoads(site, circuit)
  const currents = perPhase(
    (phase) =>
      below.reduce<number>((sum, evse) => sum + fallbackA(site, evse, phase), 0) + others.currentA[phase],
  )
  const faults: SiteFault[] = PHASES.flatMap((phase) => {
    const limit = circuit.ratingA[phase] * circuit.derate - circuit.marginA
    if (currents[phase] <= limit) return []
    return [
      {
        subject,
        reason: `phase ${phase.toUpperCase()}: fallbacks and other loads add up to ${currents[phase].toFixed(1)} A, above its ${limit.toFixed(1)} A`,
      },
    ]
  })
  if (circuit.limitW === null) return faults
  const power = below.reduce<number>((sum, evse) => sum + fallbackW(site, evse), 0) + others.powerW
  const limitW = circuit.limitW - circuit.marginW
  return power <= limitW
    ? faults
    : [
        ...faults,
        {
          subject,
          reason: `fallbacks and other loads add up to ${(power / 1000).toFixed(1)} kW, above its ${(limitW / 1000).toFixed(1)} kW`,
        },
      ]
}

/** Standing voltage tolerance at a supply terminal: nominal +-10 %. @see EN 50160 */
const TOLERANCE = 0.1

function fallbackA(site: Site, evse: Evse, phase: 'l1' | 'l2' | 'l3'): number {
  if (!evse.phases.includes(phase)) return 0
  if ('limit_a' in evse.fallback) return evse.fallback.limit_a
  return (
    evse.fallback.limit_w /
    (evse.efficiency * evse.powerFactor * evse.phases.length * site.nominalV * (1 - TOLERANCE))
  )
}

function fallbackW(site: Site, evse: Evse): number {
  if ('limit_w' in evse.fallback) return evse.fallback.limit_w / evse.efficiency
  return evse.fallback.limit_a * evse.phases.length * site.nominalV * (1 + TOLERANCE)
}
