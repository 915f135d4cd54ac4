import { type PerPhase, PHASES, type Phase } from '@busbar/units/per-phase.ts'
import { limitValue } from '../limit.ts'
import { along, atAngle, magnitude, type Phasor } from '../site/phasor.ts'
import type { AgreedLimit, Cabinet, Circuit, Neutral } from '../site/site.ts'
import type { Row } from './rows.ts'

/** What one unit of an EVSE's level does at a circuit, worst share counted. */
export interface UnitLoad {
  /** mA of each conductor, with angles. */
  readonly lines: PerPhase<Phasor>
  /** mA to the neutral: the phasor sum, and the sum of magnitudes that third harmonics follow. */
  readonly neutral: Phasor
  readonly toNeutral: number
  readonly powerW: number
  /** The least power, for what it takes off an export. */
  readonly leastPowerW: number
}

/** A row and how a unit load counts on it; below 0 where it relieves the row. */
export interface WeighedRow {
  readonly row: Row
  readonly weigh: (unit: UnitLoad) => number
  /** Level steps that the row counts in. */
  readonly grid?: number
}

/** Sides of the polygon that stands for a circle: it never reads low and at most 0.86 % high. */
export const SIDES = 24
/** Tilts of the same towards third harmonics; at most 3.5 % high. */
const TILTS = 3

/** What shapes a circuit's rows beside its own ratings. */
export interface CircuitRows {
  readonly circuit: Circuit
  /** Currents of different angles meet here, so that their magnitudes do not simply add up. */
  readonly angled: boolean
  /** A source feeds this bus from here or from below. */
  readonly fed: boolean
  /** Limits agreed for it that hold just now. */
  readonly agreed: readonly AgreedLimit[]
}

const floorMa = (amperes: number): number => Math.floor(amperes * 1000 + 1e-6)

/** Every row of one circuit, its breaker's conductors first. */
export function circuitRows(of: CircuitRows): WeighedRow[] {
  const { circuit, fed, angled } = of
  const base = { circuit: circuit.id, duty: 'protect' } as const
  const usable = (rating: number) => floorMa(rating * circuit.derate - circuit.marginA)
  const rows = PHASES.flatMap((phase) =>
    conductor(
      { ...base, id: `${circuit.id}/${phase}`, kind: phase, limit: usable(circuit.ratingA[phase]) },
      angled,
    ),
  )
  if (circuit.limitW !== null) rows.push(importRow(circuit, Math.floor(circuit.limitW - circuit.marginW)))
  if (fed)
    for (const phase of PHASES) {
      const limit = usable((circuit.busA ?? circuit.ratingA)[phase])
      const row = { ...base, id: `${circuit.id}/bus-${phase}`, kind: phase, limit, loadsOnly: true } as const
      rows.push(...conductor(row, angled))
    }
  if (circuit.neutral !== undefined) {
    const row: Row = {
      ...base,
      id: `${circuit.id}/neutral`,
      kind: 'neutral',
      limit: usable(circuit.neutral.ratingA),
    }
    rows.push(...neutralRows(row, circuit.neutral.thirdHarmonic))
  }
  return [...rows, ...unbalanceRows(circuit), ...agreedRows(of), ...demandRows(circuit)]
}

const importRow = ({ id }: Circuit, limit: number): WeighedRow => ({
  row: { id: `${id}/power`, circuit: id, kind: 'power', duty: 'protect', limit },
  weigh: ({ powerW }) => powerW,
})

interface Conductor {
  readonly kind: Phase
}

/** One row where all currents have the same angle; else the sides of a polygon around the phasor. */
function conductor(row: Row & Conductor, angled: boolean): WeighedRow[] {
  if (!angled) return [{ row, weigh: ({ lines }) => magnitude(lines[row.kind]) }]
  return sides.map((direction, side) => ({
    row: { ...row, id: side === 0 ? row.id : `${row.id}~${side}` },
    weigh: ({ lines }) => along(lines[row.kind], direction) / INNER,
  }))
}

/** How close the middle of a side comes to the centre of a polygon with corners one away from it. */
export const INNER = Math.cos(Math.PI / SIDES)
/**
 * Where the sides look: between multiples of 15 degrees, so that the corners lie at the angles that currents of pairs
 * and phases have, and the polygon costs those nothing.
 */
const sides = Array.from({ length: SIDES }, (_, side) => atAngle(((side + 0.5) * 360) / SIDES))

/**
 * The neutral carries the phasor sum of what flows to it and, at a right angle so to speak, all third harmonics:
 * sqrt(sum^2 + (h3 (a + b + c))^2), bounded by sides that lean towards the second by steps.
 */
function neutralRows(row: Row, thirdHarmonic: number): WeighedRow[] {
  const tilts =
    thirdHarmonic === 0 ? [0] : Array.from({ length: TILTS }, (_, tilt) => ((tilt + 0.5) * 90) / TILTS)
  const leaning = thirdHarmonic === 0 ? 1 : atAngle(90 / TILTS / 2).re
  return tilts.flatMap((tilt, t) => {
    const { re: level, im: lean } = atAngle(tilt)
    return sides.map((direction, side): WeighedRow => {
      const index = t * SIDES + side
      return {
        row: { ...row, id: index === 0 ? row.id : `${row.id}~${index}` },
        weigh: ({ neutral, toNeutral }) =>
          ((level * along(neutral, direction)) / INNER + lean * thirdHarmonic * toNeutral) / leaning,
      }
    })
  })
}

/** The most a neutral carries beside loads of these currents, of like power factor. */
export const neutralOf = (current: PerPhase<number>, neutral: Neutral | undefined): number =>
  Math.hypot(
    Math.max(...PHASES.map((phase) => current[phase])),
    (neutral?.thirdHarmonic ?? 0) * PHASES.reduce((sum, phase) => sum + current[phase], 0),
  )

/** Each conductor less each other: agreed, not protected. */
function unbalanceRows({ id, unbalanceA }: Circuit): WeighedRow[] {
  if (unbalanceA === undefined) return []
  return PHASES.flatMap((high) =>
    PHASES.filter((low) => low !== high).map(
      (low): WeighedRow => ({
        row: {
          id: `${id}/${high}-${low}`,
          circuit: id,
          kind: 'unbalance',
          duty: 'contract',
          limit: floorMa(unbalanceA),
          between: [high, low],
        },
        weigh: ({ lines }) => magnitude(lines[high]) - magnitude(lines[low]),
      }),
    ),
  )
}

/** Of several limits on one quantity the least, with the name of who set it. */
function agreedRows({ circuit, agreed, angled }: CircuitRows): WeighedRow[] {
  const least = (direction: AgreedLimit['direction'], unit: 'limit_a' | 'limit_w') =>
    agreed
      .filter((each) => each.direction === direction && unit in each.limit)
      .sort((a, b) => limitValue(a.limit) - limitValue(b.limit))[0]
  const row = { circuit: circuit.id, duty: 'contract' } as const
  const [currentA, taken, given] = [
    least('import', 'limit_a'),
    least('import', 'limit_w'),
    least('export', 'limit_w'),
  ]
  const rows: WeighedRow[] = []
  if (currentA !== undefined)
    for (const phase of PHASES) {
      const limit = floorMa(limitValue(currentA.limit))
      const id = `${circuit.id}/agreed-${phase}`
      rows.push(...conductor({ ...row, id, kind: phase, limit, origin: currentA.origin }, angled))
    }
  if (taken !== undefined)
    rows.push({
      row: { ...row, id: `${circuit.id}/agreed`, kind: 'power', limit: watts(taken), origin: taken.origin },
      weigh: ({ powerW }) => powerW,
    })
  if (given !== undefined)
    rows.push({
      row: { ...row, id: `${circuit.id}/export`, kind: 'export', limit: watts(given), origin: given.origin },
      weigh: ({ leastPowerW }) => -leastPowerW,
    })
  return rows
}

/** So that a demand window does not end in a spike. @see load-balancing.md 10 */
const MOST_OF_TARGET = 1.2

/** The row that is held to a circuit's demand target; what is left of the window moves its limit. */
export const demandRow = (circuit: Circuit['id']): string => `${circuit}/demand`

function demandRows({ id, demandTargetW }: Circuit): WeighedRow[] {
  if (demandTargetW === undefined) return []
  const limit = Math.floor(MOST_OF_TARGET * demandTargetW)
  return [
    {
      row: { circuit: id, duty: 'contract', id: demandRow(id), kind: 'power', limit },
      weigh: ({ powerW }) => powerW,
    },
  ]
}

const watts = ({ limit }: AgreedLimit): number => Math.floor(limitValue(limit) + 1e-6)

/** The rows of a station's own input and of the modules its outlets share. */
export function cabinetRows({ station, circuit, inputA, inputW, modules }: Cabinet): WeighedRow[] {
  const row = { circuit, station, duty: 'protect' } as const
  const rows: WeighedRow[] = []
  if (inputA !== null)
    for (const phase of PHASES)
      rows.push({
        row: { ...row, id: `${station}/input-${phase}`, kind: phase, limit: floorMa(inputA[phase]) },
        weigh: ({ lines }) => magnitude(lines[phase]),
      })
  if (inputW !== null)
    rows.push({
      row: { ...row, id: `${station}/input`, kind: 'power', limit: Math.floor(inputW) },
      weigh: ({ powerW }) => powerW,
    })
  if (modules !== null)
    rows.push({
      row: { ...row, id: `${station}/modules`, kind: 'modules', limit: modules.count * modules.powerW },
      weigh: () => 1,
      grid: modules.powerW,
    })
  return rows
}
