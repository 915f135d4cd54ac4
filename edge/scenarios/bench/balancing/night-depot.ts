import { amps, watts } from '@busbar/units/electricity.ts'
import { perPhase } from '@busbar/units/per-phase.ts'
import { type Wiring, wiringOf } from '../../../domain/load-balancing/wiring.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../../domain/site/example-site.ts'
import type { Evse, Site } from '../../../domain/site/site.ts'
import { type Random, seededRandom, within } from '../../../simulators/random.ts'

/** Steps of five minutes from five in the afternoon to eight in the morning. */
export const STEP_H = 1 / 12
const FIRST_HOUR = 17
export const STEPS = 15 * 12
/** Steps of a quarter of an hour, over which the grid's peak is measured and the bound is made. */
export const QUARTER = 3

export const OUTLET_W = 150_000
export const MODULES = { count: 6, powerW: 30_000 }
export const FALLBACK_W = 5000
/** What a station gives of what it takes, and what its rectifiers leave of the current. */
export const DC = { efficiency: 0.94, powerFactor: 0.98 }
const OUTLETS = 3
const CABINETS = 5
const INPUT_A = 320
const FEEDER_A = 1000
/** Per feeder: of the grid connection, and what the building takes. */
const GRID_A = 700
const GRID_W = 425_000
const BASE_W = 30_000

/** One bus for one night; energy in Wh and power in W of the battery's side. */
export interface Bus {
  readonly evse: Evse
  readonly feeder: number
  readonly cabinet: string
  /** Steps [arrival, departure). */
  readonly arrival: number
  readonly departure: number
  readonly needWh: number
  readonly bestW: number
  /** State of charge at its arrival. */
  readonly socPct: number
  readonly batteryWh: number
}

export interface NightDepot {
  readonly site: Site
  readonly wiring: Wiring
  readonly feeders: number
  readonly feederA: number
  readonly gridW: number
  /** By arrival. */
  readonly buses: readonly Bus[]
  /** The feeder without voltage in steps [from, until); nobody is told before. */
  readonly down: { readonly feeder: number; readonly from: number; readonly until: number }
  /** What is no bus, W. */
  readonly baseW: (step: number) => number
  /** Per kWh at the grid connection. */
  readonly price: (step: number) => number
  /** Per kW of the peak above the building's own: a night's share of the month's. */
  readonly peakPrice: number
}

/** The step at an hour of the evening or, below noon, of the morning after. */
export const stepAt = (hour: number): number => Math.round(((hour < 12 ? hour + 24 : hour) - FIRST_HOUR) * 12)
const hourOf = (step: number): number => (FIRST_HOUR + step * STEP_H) % 24

/**
 * A night of a bus depot, drawn by chance: 15 buses a feeder, three to a cabinet that shares its modules between them;
 * three in five come back over the evening, the others in one wave before midnight, and all leave in the morning.
 */
export function nightDepot(seed: number, feeders: number): NightDepot {
  const random = seededRandom(seed)
  const places = placesOf(feeders)
  const site = siteOf(feeders, places)
  const buses = places.map((place, n) => ({ ...place, ...drawn(random.fork(`bus ${n}`)) }))
  const base = Array.from({ length: STEPS / QUARTER }, () => BASE_W * feeders * within(random, 0.8, 1.2))
  return {
    ...{ site, wiring: wiringOf(site), feeders, feederA: FEEDER_A, gridW: GRID_W * feeders },
    buses: buses.sort((a, b) => a.arrival - b.arrival || (a.evse.key < b.evse.key ? -1 : 1)),
    down: { feeder: 0, from: stepAt(1), until: stepAt(3) },
    baseW: (step) => base[Math.floor(step / QUARTER)] ?? BASE_W * feeders,
    price: (step) => priceAt(hourOf(step)),
    peakPrice: 0.4,
  }
}

type Place = Pick<Bus, 'evse' | 'feeder' | 'cabinet'>

const feederId = (feeder: number): string => `F${feeder + 1}`

const placesOf = (feeders: number): Place[] =>
  Array.from({ length: feeders * CABINETS * OUTLETS }, (_, n) => {
    const feeder = Math.floor(n / (CABINETS * OUTLETS))
    const cabinet = `C${Math.floor(n / OUTLETS) + 1}`
    const of = { evse: (n % OUTLETS) + 1, dcW: OUTLET_W, fallbackW: FALLBACK_W }
    return { feeder, cabinet, evse: { ...exampleEvse(cabinet, feederId(feeder), of), ...DC } }
  })

function siteOf(feeders: number, places: readonly Place[]): Site {
  const grid = exampleCircuit('grid', { ratingA: GRID_A * feeders, limitW: GRID_W * feeders })
  const below = Array.from({ length: feeders }, (_, n) =>
    exampleCircuit(feederId(n), { parent: 'grid', ratingA: FEEDER_A }),
  )
  const evses = places.map(({ evse }) => evse)
  const first = evses.filter(({ evse }) => evse === 1)
  return {
    ...exampleSite([grid, ...below], evses),
    cabinets: first.map(({ station, circuit }) => ({
      ...{ station, circuit, inputW: null, idleW: watts(0) },
      inputA: perPhase(() => amps(INPUT_A)),
      modules: { count: MODULES.count, powerW: watts(MODULES.powerW) },
    })),
  }
}

function priceAt(hour: number): number {
  if (hour >= 23 || hour < 6) return 0.14
  return hour < 12 ? 0.26 : hour < 21 ? 0.32 : 0.22
}

function drawn(random: Random): Omit<Bus, keyof Place> {
  const late = random.next() < 0.4
  const arrival = late ? within(random, 23.25, 23.92) : within(random, 18, 22)
  const batteryWh = 1000 * Math.round(within(random, 350, 480))
  const socPct = Math.round(within(random, 25, 60))
  return {
    arrival: stepAt(arrival),
    departure: stepAt(within(random, 4.5, 7.5)),
    needWh: ((90 - socPct) / 100) * batteryWh,
    bestW: 1000 * Math.round(within(random, 110, 150)),
    ...{ socPct, batteryWh },
  }
}

/** Whether the bus's station has no voltage. */
export const isDown = ({ down }: NightDepot, { feeder }: Pick<Bus, 'feeder'>, step: number): boolean =>
  feeder === down.feeder && step >= down.from && step < down.until
