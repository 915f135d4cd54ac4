import { as, type EvseKey } from '@busbar/model/ids.ts'
import { monotonic } from '@busbar/units/time.ts'
import { allocate } from '../allocate.ts'
import { type BaseLoad, countedBase, type DrawBounds, nextBase } from '../base-load.ts'
import { plainEvse, plainRow, plainSnapshot } from '../plain-snapshot.ts'
import type { SiteSnapshot } from '../snapshot.ts'
import { transition } from '../transition.ts'
import { Dice } from './dice.ts'

/** What the loop takes for the building's load: by the bounds of `nextBase`, or by some worse way. */
export type BaseOf = (
  before: BaseLoad | undefined,
  sample: { measured: number; draw: DrawBounds; told: number; s: number },
) => BaseLoad

export const bounded: BaseOf = (before, { measured, draw, s }) =>
  nextBase(before, { measured, draw, at: monotonic(s * 1000) })

/** How the loop is closed. */
export interface Loop {
  readonly baseOf: BaseOf
  /** Time between an EVSE's last change and its next raise, s. */
  readonly restS: number
}

export interface Change {
  readonly s: number
  readonly key: EvseKey
  readonly from: number
  readonly to: number
}

export interface LoopRun {
  readonly changes: readonly Change[]
  /** Most that a conductor carried above its limit once the site is steady, of 1; below 0 when it never did. */
  readonly over: number
  /** Mean use from then on of the conductor asked most of, of its limit; null where there is room for all. */
  readonly use: number | null
}

interface Vehicle {
  readonly key: EvseKey
  readonly rows: readonly number[]
  readonly wants: number
  /** What the station obeys, by the second it took it in. */
  readonly obeyed: { s: number; level: number }[]
  /** What it may be obeying, by our account, with when each was accepted; null while that is open. */
  standing: { level: number; acceptedAt: number | null }[]
  changedAt: number
  retryAt: number
  readonly drawn: number[]
}

/** Vehicles follow their limits only after this long, s. */
const LAG = 30
const FALLBACK = 6000
const END = 1200
/** The building's last change is over and followed by then, s. */
export const STEADY = 700

/**
 * Twenty minutes of a feeder in seconds: vehicles that follow after half a minute, every fifth command lost, a meter with
 * two percent of noise, a building that is steady from the tenth minute on.
 */
export function runLoop(seed: number, { baseOf, restS }: Loop): LoopRun {
  const dice = new Dice(seed)
  const vehicles = Array.from({ length: dice.from(4, 14) }, (_, index) => vehicle(dice, index))
  const limit = Math.round((vehicles.length * dice.from(9000, 26_000) * 2) / 3 + 40_000)
  const building = [0, 1, 2].map(() => dice.from(5000, 30_000))
  const bases: (BaseLoad | undefined)[] = [undefined, undefined, undefined]
  const changes: Change[] = []
  let over = -1
  const carried = [0, 0, 0]
  for (let s = 0; s < END; s++) {
    for (const each of vehicles) each.drawn.push(drawnAt(each, s))
    const rows = [0, 1, 2].map((phase) => {
      const load = (building[phase] ?? 0) * (s < 600 && s % 240 > 200 ? 1.4 : 1)
      const on = vehicles.filter((each) => each.rows.includes(phase))
      const truth = load + on.reduce((sum, { drawn }) => sum + (drawn.at(-1) ?? 0), 0)
      if (s >= STEADY) over = Math.max(over, truth / limit - 1)
      if (s >= STEADY) carried[phase] = (carried[phase] ?? 0) + truth
      const measured = truth * (1 + dice.from(-20, 20) / 1000)
      const draw = {
        low: on.reduce((sum, { drawn }) => sum + Math.min(...drawn.slice(-LAG - 5)), 0),
        high: on.reduce((sum, each) => sum + holdOf(each), 0),
      }
      const told = on.reduce((sum, each) => sum + currentOf(each), 0)
      bases[phase] = baseOf(bases[phase], { measured, draw, told, s })
      const base = countedBase(bases[phase])
      return plainRow(`l${phase + 1}`, limit - base, { limit, base })
    })
    for (const each of vehicles) prove(each, s)
    changes.push(...decide(vehicles, rows, { s, dice, restS }))
  }
  const asked = [0, 1, 2].map((phase) =>
    vehicles.reduce((sum, { rows, wants }) => sum + (rows.includes(phase) ? wants : 0), building[phase] ?? 0),
  )
  const most = asked.indexOf(Math.max(...asked))
  const scarce = (asked[most] ?? 0) > limit
  return { changes, over, use: scarce ? (carried[most] ?? 0) / limit / (END - STEADY) : null }
}

function vehicle(dice: Dice, index: number): Vehicle {
  const first = dice.from(0, 2)
  return {
    key: as<EvseKey>(`v${String(index).padStart(2, '0')}`),
    rows: dice.chance(60) ? [0, 1, 2] : [first],
    wants: dice.one([16_000, 32_000]),
    obeyed: [{ s: -LAG, level: FALLBACK }],
    standing: [{ level: FALLBACK, acceptedAt: -LAG }],
    changedAt: -60,
    retryAt: 0,
    drawn: [],
  }
}

const currentOf = ({ standing }: Vehicle): number => standing.at(-1)?.level ?? FALLBACK
const holdOf = ({ standing }: Vehicle): number => Math.max(FALLBACK, ...standing.map(({ level }) => level))
const drawnAt = ({ obeyed, wants }: Vehicle, s: number): number =>
  Math.min(wants, obeyed.findLast((entry) => entry.s + LAG <= s)?.level ?? FALLBACK)

/** Older limits are let go of when the newest was accepted and the vehicle has been seen within it. */
function prove(each: Vehicle, s: number): void {
  const newest = each.standing.at(-1)
  if (newest === undefined || newest.acceptedAt === null || s - newest.acceptedAt < LAG + 5) return
  if (each.drawn.slice(-3).every((draw) => draw <= newest.level + 1000)) each.standing = [newest]
}

function decide(
  vehicles: readonly Vehicle[],
  rows: SiteSnapshot['rows'],
  { s, dice, restS }: { s: number; dice: Dice; restS: number },
): Change[] {
  const evses = vehicles.map((each) =>
    plainEvse(each.key, each.rows, {
      hold: holdOf(each),
      expected: holdOf(each),
      fallback: FALLBACK,
      current: currentOf(each),
      max: Math.min(32_000, each.wants + 2000),
      wattsPerLevel: 0.23 * each.rows.length,
      resting: s - each.changedAt < restS,
    }),
  )
  const snapshot = plainSnapshot(rows, evses)
  const { moves } = transition(snapshot, allocate(snapshot))
  const levels = new Map(moves.map(({ key, level }) => [key, level]))
  return vehicles.flatMap((each): Change[] => {
    const level = levels.get(each.key)
    const from = currentOf(each)
    if (level !== undefined) {
      each.standing.push({ level, acceptedAt: null })
      each.changedAt = s
    }
    if (level !== undefined || (each.standing.at(-1)?.acceptedAt === null && s >= each.retryAt))
      send(each, { s, lost: dice.chance(20) })
    return level === undefined ? [] : [{ s, key: each.key, from, to: level }]
  })
}

/** The newest limit leaves, and is sent again after ten seconds when nobody answers. */
function send(each: Vehicle, { s, lost }: { s: number; lost: boolean }): void {
  const newest = each.standing.at(-1)
  each.retryAt = s + 10
  if (lost || newest === undefined) return
  newest.acceptedAt = s
  each.obeyed.push({ s, level: newest.level })
}
