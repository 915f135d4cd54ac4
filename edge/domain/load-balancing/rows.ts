import type { CircuitId, EvseKey } from '@busbar/model/ids.ts'
import { PHASES, type Phase } from '@busbar/units/per-phase.ts'
import type { ChargingLimit } from '../limit.ts'
import { limitValue } from '../limit.ts'
import { type Evse, type Site, upstream } from '../site/site.ts'

/**
 * An EVSE's limit as a whole number: milliamperes per phase for AC, watts of output for DC. Loads on rows are whole
 * milliamperes or watts, rounded up; capacities are rounded down, so that sums of rounded numbers stay safe.
 */
export type Level = number

/**
 * `protect`: a breaker, cable, winding or station input; what EVSEs may draw at most never passes it. `contract`: an
 * agreed limit, kept by what they are expected to draw, and never at the cost of a protect row.
 */
export type Duty = 'protect' | 'contract'

/** One limited quantity: a conductor of a circuit (mA) or its power (W). */
export interface Row {
  readonly id: string
  readonly circuit: CircuitId
  readonly kind: Phase | 'power'
  readonly duty: Duty
  /** The rating after derating and margin, before any load: mA or W. */
  readonly limit: number
}

/** What one unit of an EVSE's level loads onto a row. */
export interface Coefficient {
  /** Index of the row. */
  readonly row: number
  /** Below 0 where the EVSE relieves the row, as on one side of a phasor's polygon. */
  readonly perLevel: number
  /** Where capacity is dealt in lumps, such as power modules: the level counts up to the next multiple of this. */
  readonly grid?: Level
}

/** Voltages the rows are computed with: the highest for power, the lowest for current of constant-power loads. */
export interface VoltageBounds {
  readonly highV: number
  readonly lowV: number
}

/** Rounds up, forgiving the last bits of floating point. */
export const roundUp = (n: number): number => Math.ceil(n - 1e-6) + 0
/** The level of a limit: A become whole mA, W stay W. */
export const levelOf = (limit: ChargingLimit): Level =>
  Math.floor(limitValue(limit) * ('limit_a' in limit ? 1000 : 1) + 1e-6)
/**
 * The most an EVSE that may draw anything up to `level` can load onto the coefficient's row, mA or W; 0 where it would
 * relieve it, for it may stop at any time. Summed over EVSEs, it is the row's highest value over all they may do.
 */
export const loadAt = (coefficient: Coefficient, level: Level): number =>
  coefficient.perLevel > 0 ? expectedAt(coefficient, level) : 0
/** What an EVSE that draws exactly `level` does to the coefficient's row, mA or W; below 0 where it relieves it. */
export const expectedAt = ({ perLevel, grid }: Coefficient, level: Level): number =>
  roundUp(perLevel * (grid === undefined ? level : Math.ceil(level / grid - 1e-9) * grid))
/** The highest level whose load on the coefficient's row is at most `room`; endless where it relieves the row. */
export function levelWithin({ perLevel, grid }: Coefficient, room: number): Level {
  if (perLevel <= 0) return Number.POSITIVE_INFINITY
  const level = Math.floor(room / perLevel)
  return grid === undefined ? level : Math.floor(level / grid) * grid
}

/** Every row of the site, in a fixed order. */
export function siteRows(site: Site): readonly Row[] {
  return [...site.circuits.values()].flatMap((circuit) => {
    const conductors: Row[] = PHASES.map((phase) => ({
      id: `${circuit.id}/${phase}`,
      circuit: circuit.id,
      kind: phase,
      duty: 'protect',
      limit: Math.floor((circuit.ratingA[phase] * circuit.derate - circuit.marginA) * 1000 + 1e-6),
    }))
    if (circuit.limitW === null) return conductors
    return [
      ...conductors,
      {
        id: `${circuit.id}/power`,
        circuit: circuit.id,
        kind: 'power',
        duty: 'protect',
        limit: Math.floor(circuit.limitW - circuit.marginW),
      },
    ]
  })
}

/** A site's rows and which of them each EVSE is on, worked out once. */
export interface Wiring {
  readonly rows: readonly Row[]
  /** Indices of the rows above an EVSE, by its key. */
  readonly above: ReadonlyMap<EvseKey, readonly number[]>
}

/** The rows of the site and the EVSEs on them. */
export function wiringOf(site: Site): Wiring {
  const rows = siteRows(site)
  const above = [...site.evses.values()].map((evse): [EvseKey, readonly number[]] => {
    const circuits = new Set(upstream(site, evse.circuit).map(({ id }) => id))
    return [evse.key, rows.flatMap((row, index) => (circuits.has(row.circuit) ? [index] : []))]
  })
  return { rows, above: new Map(above) }
}

/**
 * How an EVSE loads each row above it. `active` are the site conductors its vehicle uses, all wired ones until learned.
 * DC is a constant-power load: its current rises as the voltage falls.
 */
export function coefficients(
  { rows, above }: Wiring,
  of: { evse: Evse; active: readonly Phase[]; voltage: VoltageBounds },
): readonly Coefficient[] {
  const found: Coefficient[] = []
  for (const index of above.get(of.evse.key) ?? []) {
    const row = rows[index]
    if (row === undefined) continue
    const perLevel = row.kind === 'power' ? powerPerLevel(of) : currentPerLevel(of, row.kind)
    if (perLevel > 0) found.push({ row: index, perLevel })
  }
  return found
}

function powerPerLevel({
  evse,
  active,
  voltage,
}: {
  evse: Evse
  active: readonly Phase[]
  voltage: VoltageBounds
}): number {
  return evse.current === 'dc' ? 1 / evse.efficiency : (active.length * voltage.highV) / 1000
}

function currentPerLevel(
  { evse, active, voltage }: { evse: Evse; active: readonly Phase[]; voltage: VoltageBounds },
  phase: Phase,
): number {
  if (!active.includes(phase)) return 0
  if (evse.current === 'ac') return 1
  return 1000 / (evse.efficiency * evse.powerFactor * active.length * voltage.lowV)
}

/** Power at the AC side of an EVSE at `level`, W, at nominal voltage; for display. */
export const levelPowerW = (evse: Evse, level: Level, at: { phases: number; voltageV: number }): number =>
  evse.current === 'dc' ? level : (level / 1000) * at.phases * at.voltageV
