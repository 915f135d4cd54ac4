import type { CircuitId, EvseKey } from '@busbar/model/ids.ts'
import { type PerPhase, type Phase, perPhase } from '@busbar/units/per-phase.ts'
import { type OtherLoads, type Reach, reachOf, worstOtherLoads } from '../site/feeding.ts'
import { lineToLine, lineToNeutral, NOTHING, type Phasor, plus, primaryOf, times } from '../site/phasor.ts'
import type { AgreedLimit, Circuit, Evse, Site } from '../site/site.ts'
import { cabinetRows, circuitRows, type UnitLoad, type WeighedRow } from './row-list.ts'
import { type Coefficient, type Level, loadAt, quantityOf, type Row, type VoltageBounds } from './rows.ts'

/** A circuit or cabinet that an EVSE loads, and its rows by index. */
interface Loaded {
  readonly reach: Omit<Reach, 'circuit' | 'mixed'>
  readonly rows: readonly number[]
}

/** A circuit with a source, and how its output arrives. */
export interface Feeding extends Pick<Reach, 'share' | 'through'> {
  readonly source: Circuit
}

/** A site's rows and which of them each EVSE is on, worked out once. */
export interface Wiring {
  readonly rows: readonly Row[]
  /** Indices of the rows above an EVSE, by its key. */
  readonly above: ReadonlyMap<EvseKey, readonly number[]>
  readonly weighed: readonly WeighedRow[]
  readonly loaded: ReadonlyMap<EvseKey, readonly Loaded[]>
  /** The circuits above an EVSE, nearest first. */
  readonly reaches: ReadonlyMap<EvseKey, readonly Reach[]>
  /** The rows that stand for one quantity together, such as the sides of a phasor's polygon, by the first of them. */
  readonly sidesOf: ReadonlyMap<number, readonly number[]>
  /** Loads that are not EVSEs at their worst, by circuit. */
  readonly otherLoads: ReadonlyMap<CircuitId, OtherLoads>
  /** Circuits where currents of different angles meet. */
  readonly angled: ReadonlySet<CircuitId>
  /** Circuits that feed EVSEs through a transformer, so that they have another voltage. */
  readonly transformed: ReadonlySet<CircuitId>
  /** Circuits with a source that feed this one, from itself or from below. */
  readonly sources: ReadonlyMap<CircuitId, readonly Feeding[]>
  /** What was worked out last for each EVSE. */
  readonly memo: Map<EvseKey, { readonly of: UnitOf; readonly loads: readonly Coefficient[] }>
}

/** Every row of the site, in a fixed order, with the limits that hold just now. */
export const siteRows = (site: Site, agreed: readonly AgreedLimit[] = []): readonly Row[] =>
  wiringOf(site, agreed).rows

/**
 * The rows of the site and the EVSEs on them.
 * @param agreed the agreed limits that hold just now; none of them weakens a rating
 */
export function wiringOf(site: Site, agreed: readonly AgreedLimit[] = []): Wiring {
  const reaches = new Map([...site.evses.values()].map((evse) => [evse.key, reachOf(site, evse.circuit)]))
  const angled = angledCircuits(site, reaches)
  const sources = sourcesOf(site)
  const weighed: WeighedRow[] = []
  const add = (rows: readonly WeighedRow[]): readonly number[] => {
    const start = weighed.length
    weighed.push(...rows)
    return rows.map((_, index) => start + index)
  }
  const ofCircuit = new Map<CircuitId, readonly number[]>()
  for (const circuit of site.circuits.values()) {
    const own = agreed.filter((limit) => limit.circuit === circuit.id)
    const rows = circuitRows({
      circuit,
      agreed: own,
      angled: angled.has(circuit.id),
      fed: sources.has(circuit.id),
    })
    ofCircuit.set(circuit.id, add(rows))
  }
  const cabinets = (site.cabinets ?? []).map((cabinet) => ({ cabinet, rows: add(cabinetRows(cabinet)) }))
  const loadedOf = (evse: Evse): readonly Loaded[] => [
    ...cabinets
      .filter(({ cabinet }) => cabinet.station === evse.station)
      .map(({ rows }) => ({ reach: OWN, rows })),
    ...(reaches.get(evse.key) ?? []).map((reach) => ({ reach, rows: ofCircuit.get(reach.circuit.id) ?? [] })),
  ]
  const loaded = new Map([...site.evses.values()].map((evse) => [evse.key, loadedOf(evse)]))
  return {
    rows: weighed.map(({ row }) => row),
    above: new Map([...loaded].map(([key, list]) => [key, list.flatMap(({ rows }) => rows)])),
    weighed,
    loaded,
    reaches,
    sidesOf: sidesOf(weighed),
    otherLoads: new Map([...site.circuits.values()].map((each) => [each.id, worstOtherLoads(site, each)])),
    angled,
    transformed: new Set(
      [...reaches.values()]
        .flat()
        .filter(({ through }) => through.length > 0)
        .map(({ circuit }) => circuit.id),
    ),
    sources,
    memo: new Map(),
  }
}

function sidesOf(weighed: readonly WeighedRow[]): ReadonlyMap<number, readonly number[]> {
  const groups = Map.groupBy(weighed.keys(), (index) => quantityOf(weighed[index]?.row ?? { id: '' }))
  return new Map(
    [...groups.values()].flatMap((own) => (own[0] === undefined ? [] : [[own[0], own] as const])),
  )
}

const OWN: Loaded['reach'] = { share: 1, least: 1, through: [] }

/** Circuits where currents of different angles meet: between conductors, or through a delta winding. */
function angledCircuits(site: Site, reaches: ReadonlyMap<EvseKey, readonly Reach[]>): ReadonlySet<CircuitId> {
  const angled = new Set<CircuitId>()
  for (const evse of site.evses.values())
    for (const { circuit, through } of reaches.get(evse.key) ?? []) {
      const turned = evse.current === 'ac' && through.some(({ group }) => group !== 'YNyn0')
      if (evse.connection === 'line-line' || turned) angled.add(circuit.id)
    }
  return angled
}

function sourcesOf(site: Site): ReadonlyMap<CircuitId, readonly Feeding[]> {
  const feeding = new Map<CircuitId, Feeding[]>()
  for (const source of site.circuits.values()) {
    if (source.source === undefined) continue
    for (const { circuit, share, through } of reachOf(site, source.id))
      feeding.set(circuit.id, [...(feeding.get(circuit.id) ?? []), { source, share, through }])
  }
  return feeding
}

interface UnitOf {
  readonly evse: Evse
  readonly active: readonly Phase[]
  readonly voltage: VoltageBounds
}

/**
 * How an EVSE loads each row above it. `active` are the site conductors its vehicle uses, all wired ones until learned.
 * DC is a constant-power load: its current rises as the voltage falls, and as its efficiency was overstated.
 */
export function coefficients(wiring: Wiring, of: UnitOf): readonly Coefficient[] {
  const known = wiring.memo.get(of.evse.key)
  if (known !== undefined && isSame(known.of, of)) return known.loads
  const loads = worked(wiring, of)
  wiring.memo.set(of.evse.key, { of, loads })
  return loads
}

const isSame = (one: UnitOf, other: UnitOf): boolean =>
  one.evse === other.evse &&
  one.voltage.highV === other.voltage.highV &&
  one.voltage.lowV === other.voltage.lowV &&
  one.active.length === other.active.length &&
  one.active.every((phase, index) => phase === other.active[index])

function worked({ weighed, loaded }: Wiring, of: UnitOf): readonly Coefficient[] {
  const unit = unitLoad(of)
  const found: Coefficient[] = []
  for (const { reach, rows } of loaded.get(of.evse.key) ?? []) {
    const here = arriving(unit, reach)
    for (const index of rows) {
      const entry = weighed[index]
      if (entry === undefined) continue
      const perLevel = tidy(entry.weigh(here))
      if (perLevel !== 0) found.push({ row: index, perLevel, ...gridOf(entry), ...shareOf(reach) })
    }
  }
  return found
}

const gridOf = ({ grid }: WeighedRow): Pick<Coefficient, 'grid'> => (grid === undefined ? {} : { grid })
const shareOf = ({ share, least }: Loaded['reach']): Pick<Coefficient, 'share'> =>
  share === least ? {} : { share: { worst: share, least } }

/** Rounded up, but for the last bits of floating point, so that one ampere counts as one. */
const tidy = (perLevel: number): number => Math.ceil(perLevel * 1e10 - 1e-4) / 1e10 + 0

/** The most that these draws load onto a quantity: its row, or the fullest side of its polygon. */
export function quantityLoad(
  { sidesOf }: Wiring,
  first: number,
  draws: readonly { readonly loads: readonly Coefficient[]; readonly level: Level }[],
): number {
  const rows = sidesOf.get(first) ?? [first]
  return Math.max(
    ...rows.map((row) =>
      draws.reduce((sum, { loads, level }) => {
        const c = loads.find((each) => each.row === row)
        return c === undefined ? sum : sum + loadAt(c, level)
      }, 0),
    ),
  )
}

function unitLoad({ evse, active, voltage }: UnitOf): UnitLoad {
  if (evse.current === 'dc') {
    const efficiency = evse.efficiency * (1 - (evse.efficiencyError ?? 0))
    const each = 1000 / (efficiency * evse.powerFactor * active.length * voltage.lowV)
    return {
      lines: scaled(lineToNeutral(active), each),
      neutral: NOTHING,
      toNeutral: 0,
      powerW: 1 / efficiency,
      leastPowerW: 1 / evse.efficiency,
    }
  }
  const [from, to] = active
  if (evse.connection === 'line-line' && from !== undefined && to !== undefined) {
    const powerW = (volts: number) => (Math.sqrt(3) * volts) / 1000
    const lines = lineToLine(from, to)
    return {
      lines,
      neutral: NOTHING,
      toNeutral: 0,
      powerW: powerW(voltage.highV),
      leastPowerW: powerW(voltage.lowV),
    }
  }
  const lines = lineToNeutral(active)
  return {
    lines,
    neutral: plus(plus(lines.l1, lines.l2), lines.l3),
    toNeutral: active.length,
    powerW: (active.length * voltage.highV) / 1000,
    leastPowerW: (active.length * voltage.lowV) / 1000,
  }
}

/** The unit load as a circuit above sees it. A delta winding keeps what flows to the neutral below it. */
function arriving(unit: UnitLoad, { share, through }: Loaded['reach']): UnitLoad {
  if (share === 1 && through.length === 0) return unit
  const isolated = through.some(({ group }) => group !== 'YNyn0')
  const ratio = through.reduce((product, transformer) => product * transformer.ratio, 1)
  const factor = isolated ? 0 : share / ratio
  return {
    lines: scaled(through.reduce(primaryOf, unit.lines), share),
    neutral: times(unit.neutral, factor),
    toNeutral: unit.toNeutral * factor,
    powerW: unit.powerW * share,
    leastPowerW: unit.leastPowerW * share,
  }
}

const scaled = (lines: PerPhase<Phasor>, factor: number): PerPhase<Phasor> =>
  perPhase((phase) => times(lines[phase], factor))
