import type { CircuitId } from '@busbar/model/ids.ts'
import { limitValue } from '../limit.ts'
import { checkEquipment } from './check-equipment.ts'
import { feedsOf } from './feeding.ts'
import type { Circuit, Evse, Site } from './site.ts'

/** Something that makes a site unsafe or senseless, naming the circuit, EVSE, station or meter. */
export interface SiteFault {
  readonly subject: string
  readonly reason: string
}

/**
 * The structure of a site: every circuit is fed, and none by itself; every rating is there and in its unit; what is
 * special about a circuit or station makes sense. Whether the fallbacks fit is another question, asked only of a sound one.
 * @returns every fault found; empty when the site may be computed with
 */
export function checkSite(site: Site): readonly SiteFault[] {
  const tree = [...site.circuits.values()].flatMap((circuit) => feedFaults(site, circuit))
  const wiring = [...site.evses.values()].flatMap((evse) => wiringFaults(site, evse))
  const meters = [...site.meters.values()]
    .filter((meter) => !site.circuits.has(meter.circuit))
    .map((meter) => ({
      subject: `meter ${meter.id}`,
      reason: `its circuit "${meter.circuit}" does not exist`,
    }))
  const found = [...tree, ...wiring, ...meters]
  return found.length > 0 ? found : checkEquipment(site)
}

function feedFaults(site: Site, circuit: Circuit): SiteFault[] {
  const subject = `circuit ${circuit.id}`
  const feeds = feedsOf(circuit)
  const gone = feeds.filter((feed) => !site.circuits.has(feed.circuit))
  if (gone.length > 0)
    return gone.map((feed) => ({ subject, reason: `its parent "${feed.circuit}" does not exist` }))
  if (loops(site, circuit.id)) return [{ subject, reason: 'it feeds itself through its parents' }]
  const { meter } = circuit
  if (meter !== null && site.meters.get(meter)?.circuit !== circuit.id)
    return [{ subject, reason: `its meter "${meter}" does not measure it` }]
  return []
}

/** Whether some way up from the circuit comes back to where it has been. */
function loops(site: Site, from: CircuitId): boolean {
  const above = new Set<CircuitId>()
  const done = new Set<CircuitId>()
  const visit = (id: CircuitId): boolean => {
    if (above.has(id)) return true
    if (done.has(id)) return false
    above.add(id)
    const circuit = site.circuits.get(id)
    const found = circuit !== undefined && feedsOf(circuit).some((feed) => visit(feed.circuit))
    above.delete(id)
    done.add(id)
    return found
  }
  return visit(from)
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
  else if (evse.connection === 'line-line' && (evse.phases.length !== 2 || evse.current !== 'ac'))
    faults.push({ subject, reason: 'an EVSE from line to line is AC and names two conductors' })
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
