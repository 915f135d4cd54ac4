import type { CircuitId, StationId } from '@busbar/model/ids.ts'
import type { Phase } from '@busbar/units/per-phase.ts'
import type { ChargingLimit } from '../limit.ts'
import { limitValue } from '../limit.ts'
import type { Evse, LimitOrigin } from '../site/site.ts'

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

/**
 * What a row limits: the current of a conductor, its neutral or the difference of two (mA); power taken in, given out
 * or dealt in modules (W).
 */
export type RowKind = Phase | 'neutral' | 'unbalance' | 'power' | 'export' | 'modules'

/** One limited quantity of a circuit or of a station's cabinet. A phasor's magnitude takes several, one a side. */
export interface Row {
  readonly id: string
  readonly circuit: CircuitId
  readonly kind: RowKind
  readonly duty: Duty
  /** The rating after derating and margin, or what was agreed, before any load: mA or W. */
  readonly limit: number
  /** Whose limit it is; absent: the rating of the equipment. */
  readonly origin?: LimitOrigin
  /** The station whose own input or modules it is; then the circuit is the one that feeds it. */
  readonly station?: StationId
  /** Loads alone: what sources feed past the breaker takes nothing off. */
  readonly loadsOnly?: true
  /** Of an unbalance: the first conductor less the second. */
  readonly between?: readonly [Phase, Phase]
}

/** What one unit of an EVSE's level loads onto a row. */
export interface Coefficient {
  /** Index of the row. */
  readonly row: number
  /** Below 0 where the EVSE relieves the row, as on one side of a phasor's polygon. */
  readonly perLevel: number
  /** Where capacity is dealt in lumps, such as power modules: the level counts up to the next multiple of this. */
  readonly grid?: Level
  /** Where a circuit has two feeds: the worst part of the load that comes this way, counted in `perLevel`, and the least. */
  readonly share?: { readonly worst: number; readonly least: number }
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

/** Power at the AC side of an EVSE at `level`, W, at nominal voltage; for display. */
export function levelPowerW(evse: Evse, level: Level, at: { phases: number; voltageV: number }): number {
  if (evse.current === 'dc') return level
  return (level / 1000) * (evse.connection === 'line-line' ? Math.sqrt(3) : at.phases) * at.voltageV
}

/** The conductors that an EVSE's vehicle may use: those learned, or all wired ones. */
export const activePhases = (evse: Evse, used: readonly Phase[] | null): readonly Phase[] =>
  evse.connection === 'line-line' ? evse.phases : (used ?? evse.phases)

/** The unit of a row's numbers. */
export const unitOf = ({ kind }: Pick<Row, 'kind'>): 'A' | 'W' =>
  kind === 'power' || kind === 'export' || kind === 'modules' ? 'W' : 'A'

/** The id of what a row is a side of: its own where it stands alone. */
export const quantityOf = ({ id }: Pick<Row, 'id'>): string => id.split('~')[0] ?? id

/** What the load that is no EVSE's is tracked for, by id. */
export const quantityId = (circuit: CircuitId, kind: Phase | 'power'): string => `${circuit}/${kind}`
