import { as, type CircuitId, type StationId } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { type Phase, perPhase } from '@busbar/units/per-phase.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../site/example-site.ts'
import type { Circuit, Evse, Site, Transformer } from '../site/site.ts'

/*
 * A garage for tests: supply <- (transformer) main <- feeds a and b <- bus, with a neutral of its own on main, and a
 * cabinet of outlets with shared modules on the bus. Its currents are worked out here with complex numbers and nothing of
 * the rows' arithmetic.
 */

type Complex = readonly [re: number, im: number]
type Lines = Readonly<Record<Phase, Complex>>

const PHASES = ['l1', 'l2', 'l3'] as const
const ANGLE: Record<Phase, number> = { l1: 0, l2: 240, l3: 120 }
const PAIR_ANGLE: Record<string, number> = { l1l2: 30, l2l3: 270, l3l1: 150 }
const AFTER: Record<Phase, Phase> = { l1: 'l2', l2: 'l3', l3: 'l1' }
const BEFORE: Record<Phase, Phase> = { l1: 'l3', l2: 'l1', l3: 'l2' }

/** Third harmonic of every current to neutral. */
export const THIRD_HARMONIC = 0.2
/** The largest part of the bus's current by feed. */
export const SHARES = { a: 0.7, b: 0.6 }
/** The voltages to compute rows with; the currents here flow at the low one. */
export const VOLTAGE = { highV: 132, lowV: 108 }
const MODULE_W = 10_000

const add = (a: Complex, b: Complex): Complex => [a[0] + b[0], a[1] + b[1]]
const scale = (a: Complex, k: number): Complex => [a[0] * k, a[1] * k]
const size = (a: Complex): number => Math.hypot(a[0], a[1])
const polar = (k: number, degrees: number): Complex => [
  k * Math.cos((degrees * Math.PI) / 180),
  k * Math.sin((degrees * Math.PI) / 180),
]
const each = (of: (phase: Phase) => Complex): Lines => ({ l1: of('l1'), l2: of('l2'), l3: of('l3') })

/** Kinds of EVSE: three pairs of lines, three single phases, all three phases, DC. */
export const KINDS = 8

/** An EVSE of a kind on a circuit. */
export function garageEvse(id: string, kind: number, circuit = 'bus'): Evse {
  const from = PHASES[kind % 3] ?? 'l1'
  if (kind < 3)
    return {
      ...exampleEvse(id, circuit, { phases: [from, AFTER[from]], ratingA: 80 }),
      connection: 'line-line',
    }
  if (kind < 6) return exampleEvse(id, circuit, { phases: [from], ratingA: 80 })
  return kind === 6
    ? exampleEvse(id, circuit, { ratingA: 80 })
    : exampleEvse(id, circuit, { dcW: 30_000, fallbackW: 1000 })
}

export interface GarageRatings {
  readonly supply: number
  readonly main: number
  readonly feeds: number
  readonly neutral: number
  readonly modules: number
}

/** The garage with these EVSEs; those of the station C share its cabinet. */
export function garage(
  evses: readonly Evse[],
  of: { transformer: Transformer; ratings: GarageRatings },
): Site {
  const { ratings, transformer } = of
  const main: Circuit = {
    ...exampleCircuit('main', { parent: 'supply', ratingA: ratings.main }),
    transformer,
    neutral: { ratingA: amps(ratings.neutral), thirdHarmonic: THIRD_HARMONIC },
  }
  const bus: Circuit = {
    ...exampleCircuit('bus', { parent: 'a', ratingA: 1000 }),
    feeds: (['a', 'b'] as const).map((id) => ({ circuit: as<CircuitId>(id), share: SHARES[id] })),
  }
  const feeds = ['a', 'b'].map((id) => exampleCircuit(id, { parent: 'main', ratingA: ratings.feeds }))
  return {
    ...exampleSite([exampleCircuit('supply', { ratingA: ratings.supply }), main, ...feeds, bus], evses),
    cabinets: [
      {
        station: as<StationId>('C'),
        circuit: as<CircuitId>('bus'),
        inputA: perPhase(() => amps(1000)),
        inputW: null,
        idleW: watts(0),
        modules: { count: ratings.modules, powerW: watts(MODULE_W) },
      },
    ],
  }
}

function linesOf(evse: Evse, level: number): Lines {
  if (evse.connection === 'line-line') {
    const current = polar(level / 1000, PAIR_ANGLE[evse.phases.join('')] ?? Number.NaN)
    return each((phase) =>
      phase === evse.phases[0] ? current : phase === evse.phases[1] ? scale(current, -1) : [0, 0],
    )
  }
  const amperes =
    evse.current === 'dc' ? level / (evse.efficiency * evse.powerFactor * 3 * VOLTAGE.lowV) : level / 1000
  return each((phase) => (evse.phases.includes(phase) ? polar(amperes, ANGLE[phase]) : [0, 0]))
}

function primary(lines: Lines, { group, ratio }: Transformer): Lines {
  if (group === 'YNyn0') return each((phase) => scale(lines[phase], 1 / ratio))
  const other = group === 'Dyn11' ? BEFORE : AFTER
  return each((phase) => scale(add(lines[phase], scale(lines[other[phase]], -1)), 1 / (ratio * Math.sqrt(3))))
}

/**
 * What flows when each EVSE draws its level: A by `circuit/conductor`, and whole modules at `C/modules`.
 * @param split the part of the bus's current that comes by feed a
 */
export function flows(
  draws: readonly { readonly evse: Evse; readonly level: number }[],
  of: { transformer: Transformer; split: number },
): ReadonlyMap<string, number> {
  const sum = (some: typeof draws): Lines =>
    some.reduce<Lines>(
      (lines, { evse, level }) => {
        const own = linesOf(evse, level)
        return each((phase) => add(lines[phase], own[phase]))
      },
      each(() => [0, 0]),
    )
  const bus = sum(draws.filter(({ evse }) => evse.circuit === 'bus'))
  const main = sum(draws)
  const supply = primary(main, of.transformer)
  const toNeutral = draws.filter(({ evse }) => evse.current === 'ac' && evse.connection !== 'line-line')
  const neutral = sum(toNeutral)
  const harmonics = toNeutral.reduce(
    (total, { evse, level }) => total + (evse.phases.length * level) / 1000,
    0,
  )
  const modules = draws.reduce(
    (n, { evse, level }) => n + (evse.station === 'C' ? Math.ceil(level / MODULE_W) : 0),
    0,
  )
  const circuits = {
    bus,
    main,
    supply,
    a: each((p) => scale(bus[p], of.split)),
    b: each((p) => scale(bus[p], 1 - of.split)),
  }
  return new Map([
    ...Object.entries(circuits).flatMap(([id, lines]) =>
      PHASES.map((phase): [string, number] => [`${id}/${phase}`, size(lines[phase])]),
    ),
    [
      'main/neutral',
      Math.hypot(size(add(add(neutral.l1, neutral.l2), neutral.l3)), THIRD_HARMONIC * harmonics),
    ],
    ['C/modules', (modules * MODULE_W) / 1000],
  ])
}

/** The most that flows over all corners of what these EVSEs may do, and both extremes of the split. */
export function worstFlows(
  draws: readonly { readonly evse: Evse; readonly level: number }[],
  transformer: Transformer,
): ReadonlyMap<string, number> {
  const worst = new Map<string, number>()
  for (let corner = 0; corner < 2 ** draws.length; corner++) {
    const levels = draws.map(({ evse, level }, index) => ({ evse, level: (corner >> index) & 1 ? level : 0 }))
    for (const split of [SHARES.a, 1 - SHARES.b])
      for (const [id, value] of flows(levels, { transformer, split }))
        worst.set(id, Math.max(worst.get(id) ?? 0, value))
  }
  return worst
}
