import type { CircuitId } from '@busbar/model/ids.ts'
import { type Volts, volts } from '@busbar/units/electricity.ts'
import { type PerPhase, perPhase } from '@busbar/units/per-phase.ts'
import { DELTA_PAIR, turns } from './phasor.ts'
import type { Circuit, Feed, Site, Transformer } from './site.ts'

/** A circuit above another, and how a current below arrives there. */
export interface Reach {
  readonly circuit: Circuit
  /** The largest and the smallest part of the current that flows this way, 0 to 1. */
  readonly share: number
  readonly least: number
  /** The transformers between, lowest first. */
  readonly through: readonly Transformer[]
  /** Two ways lead here, and not through the same transformers. */
  readonly mixed: boolean
}

/** The ways a circuit is fed; none for the grid connection. */
export const feedsOf = ({ feeds, parent }: Circuit): readonly Feed[] =>
  feeds ?? (parent === null ? [] : [{ circuit: parent, share: 1 }])

/**
 * The circuit and all above it, each once and before those that feed it. Of a circuit with two feeds each counts at its
 * worst share, of one that both lead to no more than everything. A loop ends the walk: `check-site.ts` refuses it.
 */
export function reachOf(site: Site, circuit: CircuitId): readonly Reach[] {
  const found = new Map<CircuitId, Reach>()
  const start = site.circuits.get(circuit)
  if (start !== undefined)
    found.set(circuit, { circuit: start, share: 1, least: 1, through: [], mixed: false })
  for (const id of fedFirst(site, circuit)) {
    const at = found.get(id)
    if (at === undefined) continue
    const feeds = feedsOf(at.circuit)
    for (const feed of feeds) {
      const above = site.circuits.get(feed.circuit)
      if (above !== undefined) found.set(above.id, joined(found.get(above.id), stepUp(at, above, feed)))
    }
  }
  return [...found.values()]
}

function stepUp(at: Reach, circuit: Circuit, feed: Feed): Reach {
  const others = feedsOf(at.circuit).reduce(
    (sum, other) => (other.circuit === feed.circuit ? sum : sum + other.share),
    0,
  )
  const { transformer } = at.circuit
  return {
    circuit,
    share: at.share * feed.share,
    least: at.least * Math.max(0, 1 - others),
    through: transformer === undefined ? at.through : [...at.through, transformer],
    mixed: at.mixed,
  }
}

function joined(known: Reach | undefined, way: Reach): Reach {
  if (known === undefined) return way
  const same =
    known.through.length === way.through.length &&
    known.through.every((each, index) => isSame(each, way.through[index]))
  return {
    ...known,
    share: Math.min(1, known.share + way.share),
    least: Math.min(1, known.least + way.least),
    mixed: known.mixed || way.mixed || !same,
  }
}

const isSame = (one: Transformer, other: Transformer | undefined): boolean =>
  one.group === other?.group && one.ratio === other.ratio

/** The circuit and those above it, every one before its feeds. */
function fedFirst(site: Site, circuit: CircuitId): readonly CircuitId[] {
  const seen = new Set<CircuitId>()
  const order: CircuitId[] = []
  const visit = (id: CircuitId): void => {
    const at = site.circuits.get(id)
    if (at === undefined || seen.has(id)) return
    seen.add(id)
    for (const feed of feedsOf(at)) visit(feed.circuit)
    order.push(id)
  }
  visit(circuit)
  return order.reverse()
}

/** The circuit and those above it, nearest first. */
export const upstream = (site: Site, circuit: CircuitId): readonly Circuit[] =>
  reachOf(site, circuit).map((reach) => reach.circuit)

/**
 * Nominal voltage of a circuit, phase to neutral: the site's own is that of its EVSEs, and a transformer above them
 * raises it.
 */
export function voltageAt(site: Site, circuit: CircuitId): Volts {
  if (![...site.circuits.values()].some(({ transformer }) => transformer !== undefined)) return site.nominalV
  const product = (ratios: readonly Transformer[]) => ratios.reduce((all, { ratio }) => all * ratio, 1)
  const ends = new Set([...site.evses.values()].map((evse) => evse.circuit))
  for (const end of ends) {
    const reach = reachOf(site, end).find((each) => each.circuit.id === circuit)
    if (reach !== undefined) return volts(site.nominalV * product(reach.through))
  }
  // No EVSE hangs below it: its voltage is that of the first circuit above it that feeds some.
  for (const { circuit: above, through } of reachOf(site, circuit).slice(1)) {
    const feeds = [...ends].some((end) => reachOf(site, end).some((each) => each.circuit === above))
    if (feeds) return volts(voltageAt(site, above.id) / product(through))
  }
  return site.nominalV
}

/** Loads that are not EVSEs, at their worst: A per conductor and W. */
export interface OtherLoads {
  readonly currentA: PerPhase<number>
  readonly powerW: number
}

/**
 * A metered circuit's figure covers all below it; else those of the circuits below add up, each feed of a circuit with
 * several at its worst share. What sources feed is no credit.
 */
export function worstOtherLoads(site: Site, circuit: Circuit): OtherLoads {
  const own: OtherLoads = { currentA: circuit.otherLoadsA, powerW: circuit.otherLoadsW }
  if (circuit.meter !== null) return own
  const below = [...site.circuits.values()].flatMap((child) =>
    feedsOf(child)
      .filter((feed) => feed.circuit === circuit.id)
      .map(({ share }) => scaled(primary(worstOtherLoads(site, child), child.transformer), share)),
  )
  return below.reduce(
    (sum, loads) => ({
      currentA: perPhase((phase) => sum.currentA[phase] + loads.currentA[phase]),
      powerW: sum.powerW + loads.powerW,
    }),
    own,
  )
}

/** What loads or sources at the bottom of a reach amount to at its top, at most. */
export const carried = (
  loads: OtherLoads,
  { share, through }: Pick<Reach, 'share' | 'through'>,
): OtherLoads => scaled(through.reduce(primary, loads), share)

const scaled = ({ currentA, powerW }: OtherLoads, share: number): OtherLoads => ({
  currentA: perPhase((phase) => currentA[phase] * share),
  powerW: powerW * share,
})

/** Loads as the primary side carries them at most: the angle between two secondary currents is not known. */
function primary({ currentA, powerW }: OtherLoads, transformer: Transformer | undefined): OtherLoads {
  if (transformer === undefined) return { currentA, powerW }
  const n = turns(transformer)
  if (transformer.group === 'YNyn0') return { currentA: perPhase((phase) => currentA[phase] / n), powerW }
  const pair = DELTA_PAIR[transformer.group]
  return { currentA: perPhase((phase) => (currentA[phase] + currentA[pair[phase]]) / n), powerW }
}
