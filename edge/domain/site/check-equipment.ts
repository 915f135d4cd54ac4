import { PHASES } from '@busbar/units/per-phase.ts'
import type { SiteFault } from './check-site.ts'
import { feedsOf, reachOf } from './feeding.ts'
import type { Cabinet, Circuit, Site } from './site.ts'

/** Faults of what only some sites have: second feeds, transformers, sources, agreed limits, cabinets. */
export function checkEquipment(site: Site): readonly SiteFault[] {
  const circuits = [...site.circuits.values()].flatMap((circuit) =>
    reasonsOf(site, circuit).map((reason) => ({ subject: `circuit ${circuit.id}`, reason })),
  )
  const limits = (site.limits ?? [])
    .filter(({ circuit }) => !site.circuits.has(circuit))
    .map(({ circuit }) => ({
      subject: `circuit ${circuit}`,
      reason: 'a limit is set for it and it does not exist',
    }))
  const cabinets = (site.cabinets ?? []).flatMap((cabinet) =>
    cabinetReasons(site, cabinet).map((reason) => ({ subject: `station ${cabinet.station}`, reason })),
  )
  return [...circuits, ...limits, ...cabinets]
}

function reasonsOf(site: Site, circuit: Circuit): string[] {
  return [...feedReasons(site, circuit), ...sourceReasons(site, circuit), ...unbalanceReasons(circuit)]
}

function feedReasons(site: Site, circuit: Circuit): string[] {
  const reasons: string[] = []
  const feeds = feedsOf(circuit)
  if (new Set(feeds.map((feed) => feed.circuit)).size < feeds.length) reasons.push('it names one feed twice')
  if (feeds.some(({ share }) => !(share > 0 && share <= 1)))
    reasons.push('the worst share of each feed must be above 0 and at most 1')
  const sum = feeds.reduce((total, { share }) => total + share, 0)
  if (feeds.length > 0 && sum < 1 - 1e-9)
    reasons.push(`the worst shares of its feeds add up to ${sum.toFixed(2)}, which is not all of its current`)
  if (circuit.transformer !== undefined && feeds.length === 0)
    reasons.push('a transformer feeds it and it has no parent')
  for (const { circuit: above, mixed } of reachOf(site, circuit.id))
    if (mixed) reasons.push(`two ways lead to "${above.id}", and not through the same transformers`)
  return reasons
}

/** The meter of a source is its output: nothing else may hang there. */
function sourceReasons(site: Site, circuit: Circuit): string[] {
  if (circuit.source === undefined) return []
  const fed = [...site.circuits.values()].some((other) =>
    feedsOf(other).some((feed) => feed.circuit === circuit.id),
  )
  const used = [...site.evses.values()].some((evse) => evse.circuit === circuit.id)
  const loaded = PHASES.some((phase) => circuit.otherLoadsA[phase] > 0) || circuit.otherLoadsW > 0
  const alone = !fed && !used && !loaded
  const reasons = alone ? [] : ['a source has a circuit of its own, without EVSEs, other circuits or loads']
  return circuit.parent === null ? [...reasons, 'the grid connection is no source'] : reasons
}

function unbalanceReasons({ unbalanceA, meter, otherLoadsA }: Circuit): string[] {
  const known = meter !== null || PHASES.every((phase) => otherLoadsA[phase] === 0)
  return unbalanceA === undefined || known
    ? []
    : ['its unbalance is limited and no meter tells how its other loads lie']
}

function cabinetReasons(site: Site, { station, modules }: Cabinet): string[] {
  const evses = [...site.evses.values()].filter((evse) => evse.station === station)
  const ac = evses.some(({ current }) => current === 'ac')
  return modules !== null && ac ? ['only DC outlets share power modules'] : []
}
