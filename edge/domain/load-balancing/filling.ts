import type { LoadTable } from './load-table.ts'
import type { Level } from './rows.ts'
import { nextStep, quantise } from './set-points.ts'
import { StepQueue } from './step-queue.ts'
import { Water } from './water.ts'

/** Who is raised together: by `rate` of level for each unit of water, up to `cap`, a set-point. Both by place in the table. */
export interface Filling {
  readonly who: readonly number[]
  readonly rate: Float64Array
  readonly cap: Float64Array
}

/** What ended an EVSE's rise: a row's index, or one of these. */
export const AT_CAP = -2
export const OPEN = -1

/**
 * Progressive filling: the water rises for all together; at a full row those who load it are frozen, and the others go
 * on. Then all go down to their set-points, and what that leaves is given away by single steps, lowest water first, of
 * equals the first in order.
 * @param rather the row to name for each if several are full; below 0 for the one that froze it
 * @returns what ended each EVSE's rise, by place in the table; `OPEN` for those who took no part
 */
export function fill(table: LoadTable, filling: Filling, rather?: Int32Array): Int32Array {
  const water = new Water(table, filling, { lumps: true })
  settle(table, filling, water.rise())
  if (table.lumped) {
    const cap = filling.cap.map((cap, i) => Math.min(cap, table.lumpTop(i)))
    settle(table, filling, new Water(table, { ...filling, cap }, { lumps: false }).rise())
  }
  const frozenAt = water.frozenAt.map((row, i) => ((rather?.[i] ?? OPEN) >= 0 ? (rather?.[i] ?? row) : row))
  return stepUp(table, filling, frozenAt)
}

/**
 * Moves all to the set-points below these levels. Loads rounded up and lumps may ask for more than they did: those go
 * down again, never below where they are now.
 */
export function settle(table: LoadTable, filling: Filling, levels: Float64Array): void {
  const floors = table.levels.slice()
  for (const i of filling.who) {
    const evse = table.evses[i]
    if (evse === undefined) continue
    const level = quantise(evse, Math.min(filling.cap[i] ?? 0, Math.floor((levels[i] ?? 0) + 1e-6)))
    if (level > table.level(i)) table.move(i, level)
  }
  // Lowering one that relieves a row may overload that row.
  for (let round = 0; lowerOverloaded(table, filling, floors); round++) if (round === 8) table.restore(floors)
}

/** Lowers those on overloaded rows, the highest water first. @returns whether any was lowered */
function lowerOverloaded(table: LoadTable, { who, rate }: Filling, floors: Float64Array): boolean {
  const above = (i: number): boolean => table.level(i) > (floors[i] ?? 0) && table.overloaded(i)
  const over = who.filter(above)
  const queue = new StepQueue(over.length)
  // The queue gives the lowest and the first: negative water and places turn it round.
  for (const i of over) queue.push(-i, -table.level(i) / (rate[i] ?? 1))
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    const i = -place
    if (!above(i)) continue
    table.move(i, below(table, i, floors[i]))
    queue.push(-i, -table.level(i) / (rate[i] ?? 1))
  }
  return over.length > 0
}

/** The next set-point down that may free something: of a lump, the end of the one before. */
function below(table: LoadTable, i: number, floor: Level = 0): Level {
  const evse = table.evses[i]
  if (evse === undefined) return floor
  const level = table.level(i)
  const lump = table.lumpOf(i)
  const less = lump === 0 ? level - 1 : Math.min(level - 1, (Math.ceil(level / lump) - 1) * lump)
  return Math.max(floor, quantise(evse, less))
}

/**
 * Gives single steps in the order of the water that they need, until none fits.
 * @param frozenAt the row to name for each if several are full; −1 for none
 */
export function stepUp(table: LoadTable, filling: Filling, frozenAt?: Int32Array): Int32Array {
  const ended = new Int32Array(table.evses.length).fill(OPEN)
  let before: Float64Array
  let rounds = 0
  do {
    before = table.levels.slice()
    stepsOnce(table, filling, { ended, frozenAt })
    // Where an EVSE relieves a row, a later step may have made room for an earlier one.
  } while (table.relieved && rounds++ < 8 && before.some((level, i) => level !== table.levels[i]))
  return ended
}

function stepsOnce(
  table: LoadTable,
  { who, rate, cap }: Filling,
  { ended, frozenAt }: { ended: Int32Array; frozenAt: Int32Array | undefined },
): void {
  const queue = new StepQueue(who.length)
  const ask = (i: number): void => {
    const evse = table.evses[i]
    if (evse === undefined) return
    const next = nextStep(evse, table.level(i))
    if (next > (cap[i] ?? 0)) ended[i] = AT_CAP
    else queue.push(i, next / (rate[i] ?? 1))
  }
  for (const i of who) ask(i)
  for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
    const evse = table.evses[i]
    if (evse === undefined) continue
    const next = nextStep(evse, table.level(i))
    const row = table.blocking(i, next, frozenAt?.[i])
    if (row >= 0) ended[i] = row
    else {
      table.move(i, next)
      ask(i)
    }
  }
}
