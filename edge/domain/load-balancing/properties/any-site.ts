import { as, type CircuitId, type EvseKey } from '@busbar/model/ids.ts'
import fc from 'fast-check'
import type { Coefficient } from '../rows.ts'
import type { SiteSnapshot, SnapshotEvse, SnapshotRow, Turn } from '../snapshot.ts'
import { Dice } from './dice.ts'

/** What a drawn site may have beside circuits in three phases. */
export interface Drawn {
  readonly most: number
  /** Power rows, double feeds, neutrals, DC. */
  readonly mixed: boolean
  /** Rows that some EVSEs relieve: sides of a phasor's polygon, unbalance. */
  readonly relieved: boolean
  /** Cabinets that share power modules. */
  readonly lumps: boolean
  /** Tiers, guarantees, turns, deferred vehicles. */
  readonly promises: boolean
  /** Stations out of reach or stuck, and limits in flight. */
  readonly faults: boolean
}

const ALL: Drawn = { most: 300, mixed: true, relieved: true, lumps: true, promises: true, faults: true }

/** Any site: a seed and a size, mostly small, up to 300 EVSEs. */
export const anySite = (of: Partial<Drawn> = {}): fc.Arbitrary<SiteSnapshot> => {
  const drawn = { ...ALL, ...of }
  const size = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: Math.min(30, drawn.most) }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: drawn.most }) },
  )
  return fc.record({ seed: fc.nat(2 ** 31 - 1), size }).map(({ seed, size: count }) => ({
    ...new Yard(new Dice(seed), drawn).site(count),
    // What a failure prints instead of 300 EVSEs.
    [fc.toStringMethod]: () => `site of ${count} from ${seed}`,
  }))
}

interface DrawnCircuit {
  readonly above: readonly DrawnCircuit[]
  /** First of its three conductor rows. */
  readonly row: number
  readonly power: number | null
}

/** Sides of a phasor's polygon. */
const SIDES = 12
/** Where the current between two conductors lies on the primary of a delta-wye transformer. */
const PAIR_ANGLES = [0, -120, 120] as const

class Yard {
  readonly #dice: Dice
  readonly #drawn: Drawn
  readonly #rows: SnapshotRow[] = []
  readonly #circuits: DrawnCircuit[] = []
  #extra: { neutral: number | null; sides: number | null; unbalance: number | null } = {
    neutral: null,
    sides: null,
    unbalance: null,
  }

  constructor(dice: Dice, drawn: Drawn) {
    this.#dice = dice
    this.#drawn = drawn
  }

  site(count: number): SiteSnapshot {
    const dice = this.#dice
    const circuits = 1 + Math.floor(count / 5)
    for (let index = 0; index < circuits; index++) this.#circuit(index)
    if (this.#drawn.mixed && dice.chance(40)) this.#extra.neutral = this.#row('neutral', 'protect')
    if (this.#drawn.relieved && dice.chance(60)) this.#relieved()
    const evses: SnapshotEvse[] = []
    while (evses.length < count) evses.push(...this.#station(evses.length))
    return { rows: this.#capacities(evses), evses, mayRise: true }
  }

  #row(id: string, duty: SnapshotRow['duty'], kind: SnapshotRow['kind'] = 'power'): number {
    const mayRise = !this.#drawn.faults || this.#dice.chance(95)
    this.#rows.push({
      id,
      circuit: as<CircuitId>(id),
      kind,
      duty,
      limit: 0,
      base: 0,
      capacity: 0,
      mayRise,
      mayStart: true,
    })
    return this.#rows.length - 1
  }

  #circuit(index: number): void {
    const dice = this.#dice
    const parents = index === 0 ? [] : [dice.one(this.#circuits)]
    if (index > 1 && this.#drawn.mixed && dice.chance(15)) parents.push(dice.one(this.#circuits))
    const above = new Set(parents.flatMap((parent) => [parent, ...parent.above]))
    const row = this.#rows.length
    for (const phase of ['l1', 'l2', 'l3'] as const) this.#row(`c${index}/${phase}`, 'protect', phase)
    const power = this.#drawn.mixed && dice.chance(25)
    const duty = dice.chance(50) ? 'contract' : 'protect'
    this.#circuits.push({ above: [...above], row, power: power ? this.#row(`c${index}/power`, duty) : null })
  }

  #relieved(): void {
    const duty = this.#dice.chance(50) ? 'contract' : 'protect'
    if (this.#dice.chance(60)) {
      this.#extra.sides = this.#rows.length
      for (let side = 0; side < SIDES; side++) this.#row(`primary/${side}`, duty)
    }
    if (this.#dice.chance(50)) {
      this.#extra.unbalance = this.#rows.length
      for (const pair of ['12', '21', '23', '32', '31', '13']) this.#row(`unbalance/${pair}`, 'contract')
    }
  }

  /** One EVSE, or a cabinet of outlets that share modules. */
  #station(at: number): SnapshotEvse[] {
    const dice = this.#dice
    const circuit = dice.one(this.#circuits)
    if (!this.#drawn.mixed || dice.chance(75)) {
      const { loads, phases } = this.#ac(circuit)
      return [this.#evse(at, loads, 0.23 * phases)]
    }
    if (!this.#drawn.lumps || dice.chance(50)) return [this.#evse(at, this.#dc(circuit), 1)]
    const modules = this.#row(`cabinet${at}`, 'protect')
    const grid = dice.one([20_000, 30_000])
    return Array.from({ length: dice.from(2, 3) }, (_, outlet) =>
      this.#evse(at + outlet, [...this.#dc(circuit), { row: modules, perLevel: 1, grid }], 1),
    )
  }

  #path = (circuit: DrawnCircuit): readonly DrawnCircuit[] => [circuit, ...circuit.above]

  #ac(circuit: DrawnCircuit): { loads: Coefficient[]; phases: number } {
    const dice = this.#dice
    const way = dice.one(['three', 'three', 'one', 'pair'] as const)
    const first = dice.from(0, 2)
    if (way === 'pair' && !this.#drawn.relieved) return { loads: this.#acOn(circuit, [first]), phases: 1 }
    const phases = way === 'three' ? [0, 1, 2] : way === 'one' ? [first] : [first, (first + 1) % 3]
    const loads = [...this.#acOn(circuit, phases), ...this.#signed(phases, first)]
    return { loads, phases: phases.length }
  }

  #acOn(circuit: DrawnCircuit, phases: readonly number[]): Coefficient[] {
    const loads = this.#path(circuit).flatMap(({ row, power }) => [
      ...phases.map((phase) => ({ row: row + phase, perLevel: 1 })),
      ...(power === null ? [] : [{ row: power, perLevel: 0.242 * phases.length }]),
    ])
    const { neutral } = this.#extra
    return neutral === null || phases.length !== 1 ? loads : [...loads, { row: neutral, perLevel: 1 }]
  }

  #signed(phases: readonly number[], pair: number): Coefficient[] {
    const { sides, unbalance } = this.#extra
    const angle = ((PAIR_ANGLES[pair] ?? 0) * Math.PI) / 180
    const onSides =
      sides === null || phases.length !== 2
        ? []
        : Array.from({ length: SIDES }, (_, side) => ({
            row: sides + side,
            perLevel: Math.cos(angle - (2 * Math.PI * side) / SIDES) / Math.sqrt(3),
          }))
    const onUnbalance =
      unbalance === null
        ? []
        : [
            [0, 1],
            [1, 0],
            [1, 2],
            [2, 1],
            [2, 0],
            [0, 2],
          ].flatMap(([p = 0, q = 0], index) => {
            const sign = Number(phases.includes(p)) - Number(phases.includes(q))
            return sign === 0 ? [] : [{ row: unbalance + index, perLevel: sign }]
          })
    return [...onSides, ...onUnbalance]
  }

  #dc(circuit: DrawnCircuit): Coefficient[] {
    return this.#path(circuit).flatMap(({ row, power }) => [
      ...[0, 1, 2].map((phase) => ({ row: row + phase, perLevel: 1000 / (0.94 * 0.98 * 3 * 220) })),
      ...(power === null ? [] : [{ row: power, perLevel: 1 / 0.94 }]),
    ])
  }

  #evse(at: number, loads: readonly Coefficient[], wattsPerLevel: number): SnapshotEvse {
    const dice = this.#dice
    const dc = wattsPerLevel === 1
    const step = dc ? 100 : dice.one([100, 1000, 1000, 1000])
    const rating = dc ? dice.from(2, 15) * 10_000 : dice.one([16, 20, 32, 32, 63]) * 1000
    const fallback = dc ? dice.one([0, 5000, 10_000]) : dice.one([0, 0, 6000, 8000])
    const { faults } = this.#drawn
    const stuck = faults && dice.chance(4) ? dice.from(1, rating) : 0
    const current0 = faults && dice.chance(25) ? null : Math.floor(dice.from(0, rating) / step) * step
    const most = Math.max(fallback, dice.chance(70) ? rating : dice.from(0, rating))
    const hold = Math.max(
      fallback,
      current0 ?? 0,
      stuck,
      faults && dice.chance(20) ? dice.from(0, rating) : 0,
    )
    const listed = !dc && dice.chance(20)
    return {
      key: as<EvseKey>(`S${String(at).padStart(3, '0')}/1`),
      loads,
      steerable: !faults || dice.chance(85),
      hold,
      expected: hold,
      fallback,
      stuck,
      current: current0,
      min: dc ? 5000 : dice.one([6000, 6000, 8000]),
      max: stuck > 0 ? Math.min(most, current0 ?? fallback) : most,
      step,
      wattsPerLevel,
      weight: dice.one([0.25, 1, 1, 1, 1.75, 2.5, 4]),
      rank: (at * 7919) % 1009,
      resting: faults && dice.chance(20),
      ...(listed ? { levels: [8000, 16_000, 24_000, 32_000] } : {}),
      ...(this.#drawn.promises ? this.#promises(rating) : {}),
    }
  }

  #promises(rating: number): Partial<SnapshotEvse> {
    const dice = this.#dice
    const forS = dice.from(0, 5000)
    const turn: Turn = dice.chance(50)
      ? { kind: 'served', forS }
      : { kind: 'waits', forS, stopped: dice.chance(50) }
    return {
      tier: dice.from(1, 3),
      ...(dice.chance(40) ? { guarantee: dice.from(1, rating) } : {}),
      ...(dice.chance(30) ? { turn } : {}),
      ...(dice.chance(10) ? { deferred: true } : {}),
    }
  }

  /** About as much room as there is demand, or clearly less. */
  #capacities(evses: readonly SnapshotEvse[]): readonly SnapshotRow[] {
    const dice = this.#dice
    const [floor, demand] = [new Float64Array(this.#rows.length), new Float64Array(this.#rows.length)]
    for (const evse of evses)
      for (const { row, perLevel, grid } of evse.loads) {
        if (perLevel <= 0) continue
        const most = grid === undefined ? evse.max : Math.ceil(evse.max / grid) * grid
        const least = Math.max(evse.fallback, evse.steerable ? evse.stuck : evse.expected)
        demand[row] = (demand[row] ?? 0) + perLevel * Math.max(most, least)
        floor[row] =
          (floor[row] ?? 0) + perLevel * (grid === undefined ? least : Math.ceil(least / grid) * grid)
      }
    const roomy = dice.chance(70)
    return this.#rows.map((row, index) => {
      const [least, most] = [floor[index] ?? 0, demand[index] ?? 0]
      const part = dice.from(0, 110) / 100
      const capacity = Math.ceil(roomy ? least + (most - least) * part + 10 : most * part)
      return { ...row, limit: capacity, capacity }
    })
  }
}
