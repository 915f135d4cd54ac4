import { as, type VehicleId } from '@busbar/model/ids.ts'
import { PHASES } from '@busbar/units/per-phase.ts'
import { departures } from '../../domain/charging/departures.ts'
import { actRefused, type ManualAct } from '../../domain/charging/manual/manual-act.ts'
import { priorityKey } from '../../domain/charging/manual/priorities.ts'
import type { Fact } from '../../domain/facts.ts'
import type { Actor, InputOf, Submitted } from '../../domain/inputs.ts'
import { limitValue } from '../../domain/limit.ts'
import type { Circuit } from '../../domain/site/site.ts'
import type { Depot } from '../depot.ts'
import { manualState } from './state.ts'

/** Takes an act by hand in: it counts at once, and is a fact with who, when and why. */
export function manualAct(depot: Depot, { act, by }: InputOf<'manual-act'>): Submitted<'manual-act'> {
  const fact = factOf(depot, act, by)
  if (typeof fact === 'string')
    return { outcome: { status: 'rejected', reason: fact }, durable: Promise.resolve() }
  const durable = depot.recorder.record([fact])
  depot.urge()
  return { outcome: { status: 'accepted', reason: null }, durable }
}

/** The fact that the act would be; or why it is refused. */
export function factOf(depot: Depot, act: ManualAct, by: Actor): Fact | string {
  const refused = actRefused(act, depot.now)
  if (refused !== null) return refused
  switch (act.kind) {
    case 'override':
    case 'override-end':
      return overrideFact(depot, act, by)
    case 'priority':
    case 'priority-end':
      return priorityFact(depot, act, by)
    case 'operating-limit':
    case 'operating-limit-end':
      return limitFact(depot, act, by)
  }
}

type ActOf<K extends ManualAct['kind']> = Extract<ManualAct, { kind: K }>

function overrideFact(depot: Depot, act: ActOf<'override' | 'override-end'>, by: Actor): Fact | string {
  const found = depot.setup.site.evses.get(act.evse)
  if (found === undefined) return `there is no EVSE ${act.evse}`
  const { station, evse, key, label, current } = found
  const subject = { type: 'evse', id: key } as const
  if (act.kind === 'override-end')
    return manualState(depot).overrides.has(key)
      ? depot.recorder.fact('OverrideEnded', subject, { station, evse, cause: 'cancelled', by })
      : `nothing stands by hand at ${label}`
  const { how, limit, until, reason } = act
  if (limit !== null && (current === 'ac') !== 'limit_a' in limit)
    return `a limit of ${label} is in ${current === 'ac' ? 'A' : 'W'}`
  if (limit !== null && limitValue(limit) > limitValue(found.rating))
    return `${label} is rated ${limitValue(found.rating)} ${current === 'ac' ? 'A' : 'W'}: no limit is above that`
  const transaction = depot.transactionAt(key)?.transaction ?? null
  return depot.recorder.fact('OverrideSet', subject, {
    ...{ station, evse, how, limit, until, reason, by },
    transaction,
  })
}

function priorityFact(depot: Depot, act: ActOf<'priority' | 'priority-end'>, by: Actor): Fact | string {
  const { scope, id } = act
  const { vehicles } = depot.setup.fleet
  const known =
    scope === 'group' ? [...vehicles.values()].some(({ group }) => group === id) : vehicles.has(as(id))
  if (!known) return `there is no ${scope === 'group' ? 'group' : 'vehicle'} ${id}`
  const subject = { type: 'vehicle', id } as const
  if (act.kind === 'priority-end')
    return manualState(depot).priorities.has(priorityKey(scope, id))
      ? depot.recorder.fact('PriorityEnded', subject, { scope, id, cause: 'cancelled', by })
      : `no priority was given to ${scope} ${id}`
  const { priority, reason } = act
  if (scope !== 'departure')
    return depot.recorder.fact('PrioritySet', subject, { scope, id, priority, until: act.until, reason, by })
  const leaves = depot.memory.table(departures).get(as<VehicleId>(id))?.departureAt
  if (leaves === undefined || leaves <= depot.now) return `${id} has no departure to come`
  return depot.recorder.fact('PrioritySet', subject, { scope, id, priority, until: leaves, reason, by })
}

function limitFact(
  depot: Depot,
  act: ActOf<'operating-limit' | 'operating-limit-end'>,
  by: Actor,
): Fact | string {
  const found = depot.setup.site.circuits.get(act.circuit)
  if (found === undefined) return `there is no circuit ${act.circuit}`
  const { id: circuit, name } = found
  const subject = { type: 'circuit', id: circuit } as const
  if (act.kind === 'operating-limit-end')
    return manualState(depot).limits.has(circuit)
      ? depot.recorder.fact('OperatingLimitEnded', subject, { circuit, cause: 'cancelled', by })
      : `no operating limit stands on ${name}`
  const { limitA, limitW, until, reason } = act
  return (
    aboveRating(found, act) ??
    depot.recorder.fact('OperatingLimitSet', subject, {
      ...{ circuit, until, reason, by },
      limit_a: limitA,
      limit_w: limitW,
    })
  )
}

/** Never above the rating as it may be used; null when it is not. */
function aboveRating(circuit: Circuit, { limitA, limitW }: ActOf<'operating-limit'>): string | null {
  const { name, ratingA, derate, limitW: most } = circuit
  if (limitA === null && limitW === null) return 'a limit in A or W is needed'
  const usable = Math.min(...PHASES.map((phase) => ratingA[phase])) * derate
  if (limitA !== null && !(limitA >= 0 && limitA <= usable))
    return `${name} carries ${Math.floor(usable * 10) / 10} A: a limit is from 0 to that`
  if (limitW === null) return null
  if (most === null) return `${name} has no limit in W; give one in A`
  return limitW >= 0 && limitW <= most
    ? null
    : `${name} may take ${most / 1000} kW: a limit is from 0 to that`
}
