import type { EvseKey } from '@busbar/model/ids.ts'
import type { Level } from '../load-balancing/rows.ts'
import { nextStep, quantise } from '../load-balancing/set-points.ts'
import { countedOn, type SiteSnapshot, type SnapshotEvse } from '../load-balancing/snapshot.ts'

type Levels = ReadonlyMap<EvseKey, Level>

/** One EVSE gives, another takes. */
interface Trade {
  readonly giver: number
  readonly to: Level
  readonly taker: number
  readonly up: Level
  readonly gain: number
}

/** Set-points below its present one that an EVSE may go down to in one trade. */
const DEEP = 9
/** Trades in one go; each makes the whole worth more, so that they end anyway. */
const MOST_TRADES = 40
/** A trade that gains less is rounding, W. */
const LEAST_GAIN = 0.5

/**
 * Levels on set-points, made worth more by trades between two EVSEs at a time: set-points seldom fill a row, and a
 * set-point above what the vehicle takes leaves room unused that two lower ones would use.
 *
 * Worth is weight × W of what is taken. Rows hold as they did before, guarantees stay, nobody is taken below its
 * minimum but to 0. Pure and deterministic.
 * @param takes the most that each vehicle draws, whatever its set-point; who is missing draws what it is given
 */
export function traded(snapshot: SiteSnapshot, levels: Levels, takes: Levels): Levels {
  const floor = new TradingFloor(snapshot, levels, takes)
  for (let trades = 0; trades < MOST_TRADES; trades++) {
    const best = floor.best()
    if (best === undefined) break
    floor.make(best)
  }
  return floor.levels()
}

class TradingFloor {
  readonly #snapshot: SiteSnapshot
  readonly #evses: readonly SnapshotEvse[]
  readonly #left: Float64Array
  readonly #at: number[]
  readonly #takes: readonly number[]

  constructor(snapshot: SiteSnapshot, levels: Levels, takes: Levels) {
    this.#snapshot = snapshot
    this.#evses = snapshot.evses
    this.#at = snapshot.evses.map(({ key }) => levels.get(key) ?? 0)
    this.#takes = snapshot.evses.map(({ key }) => takes.get(key) ?? Number.POSITIVE_INFINITY)
    this.#left = Float64Array.from(snapshot.rows, ({ capacity }) => capacity)
    snapshot.evses.forEach((evse, i) => {
      this.#load(evse, evse.steerable ? (this.#at[i] ?? 0) : evse.expected, -1)
    })
  }

  levels(): Levels {
    return new Map(this.#evses.map(({ key }, i) => [key, this.#at[i] ?? 0]))
  }

  make({ giver, to, taker, up }: Trade): void {
    this.#set(giver, to)
    this.#set(taker, up)
  }

  best(): Trade | undefined {
    let best: Trade | undefined
    for (const [giver, evse] of this.#evses.entries()) {
      if (!evse.steerable) continue
      const from = this.#at[giver] ?? 0
      for (const to of this.#lower(evse, from)) {
        const loss = this.#worth(giver, from) - this.#worth(giver, to)
        this.#set(giver, to)
        const found = this.#taker(giver, loss + Math.max(LEAST_GAIN, best?.gain ?? 0))
        if (found !== undefined) best = { giver, to, ...found, gain: found.worth - loss }
        this.#set(giver, from)
      }
    }
    return best
  }

  /** Who gains most of what a giver has left, if that is more than `least`. */
  #taker(giver: number, least: number): { taker: number; up: Level; worth: number } | undefined {
    let best: { taker: number; up: Level; worth: number } | undefined
    for (const [taker, evse] of this.#evses.entries()) {
      if (taker === giver || !evse.steerable) continue
      const from = this.#at[taker] ?? 0
      const at = this.#worth(taker, from)
      const enough = Math.max(least, best?.worth ?? 0)
      if (this.#worth(taker, evse.max) - at <= enough) continue
      const up = this.#highest(evse, from)
      const worth = this.#worth(taker, up) - at
      if (worth > enough) best = { taker, up, worth }
    }
    return best
  }

  /** The highest set-point that every row has room for. */
  #highest(evse: SnapshotEvse, from: Level): Level {
    let highest = from
    for (let up = nextStep(evse, from); up <= evse.max && this.#fits(evse, from, up); up = nextStep(evse, up))
      highest = up
    return highest
  }

  #lower(evse: SnapshotEvse, from: Level): readonly Level[] {
    const least = Math.max(evse.guarantee ?? 0, evse.fallback, evse.stuck)
    const lower: Level[] = []
    for (
      let to = quantise(evse, from - 1);
      to > 0 && to >= least && lower.length < DEEP;
      to = quantise(evse, to - 1)
    )
      lower.push(to)
    if (from > 0 && least === 0) lower.push(0)
    return lower
  }

  #fits(evse: SnapshotEvse, from: Level, to: Level): boolean {
    return evse.loads.every((c) => {
      const more = this.#counted(evse, c, to) - this.#counted(evse, c, from)
      return more <= 0 || more <= (this.#left[c.row] ?? 0)
    })
  }

  /** What it is stuck at counts anyway. */
  #counted(evse: SnapshotEvse, c: SnapshotEvse['loads'][number], level: Level): number {
    const at = evse.steerable ? Math.max(level, evse.stuck) : level
    return countedOn(this.#snapshot.rows[c.row], c, { evse, most: at, likely: at })
  }

  #set(i: number, to: Level): void {
    const evse = this.#evses[i]
    if (evse === undefined) return
    this.#load(evse, this.#at[i] ?? 0, 1)
    this.#load(evse, to, -1)
    this.#at[i] = to
  }

  #load(evse: SnapshotEvse, level: Level, sign: 1 | -1): void {
    for (const c of evse.loads)
      this.#left[c.row] = (this.#left[c.row] ?? 0) + sign * this.#counted(evse, c, level)
  }

  #worth(i: number, level: Level): number {
    const evse = this.#evses[i]
    return evse === undefined ? 0 : evse.weight * evse.wattsPerLevel * Math.min(level, this.#takes[i] ?? 0)
  }
}
