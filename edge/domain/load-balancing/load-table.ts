import type { Coefficient, Level } from './rows.ts'
import type { SiteSnapshot, SnapshotEvse } from './snapshot.ts'

/** Where the entries of each of many begin, and what they are: entry `k` of `i` lies from `starts[i]` to `starts[i+1]`. */
export interface Sparse {
  readonly starts: Int32Array
  readonly indices: Int32Array
}

/**
 * The levels given so far and what they leave of each row, in plain arrays. EVSEs go by their place in `evses`. One that
 * cannot be steered counts at what is expected of it, one that is stuck at no less than that.
 */
export class LoadTable {
  readonly evses: readonly SnapshotEvse[]
  /** Rows of each EVSE. */
  readonly rowsOf: Sparse
  /** EVSEs on each row. */
  readonly evsesOn: Sparse
  /** Load per level of each entry of `rowsOf`; 0 where a protect row is relieved, for the vehicle may stop. */
  readonly factors: Float64Array
  /** Size of the lumps in which the row is dealt to this EVSE; 0 for none. */
  readonly lumps: Float64Array
  readonly left: Float64Array
  readonly levels: Float64Array
  /** Some row is relieved by an EVSE: room may come back. */
  readonly relieved: boolean
  /** Some row is dealt in lumps. */
  readonly lumped: boolean

  constructor({ rows }: SiteSnapshot, evses: readonly SnapshotEvse[]) {
    this.evses = evses
    const count = evses.reduce((sum, { loads }) => sum + loads.length, 0)
    this.rowsOf = { starts: new Int32Array(evses.length + 1), indices: new Int32Array(count) }
    this.factors = new Float64Array(count)
    this.lumps = new Float64Array(count)
    this.levels = new Float64Array(evses.length)
    this.left = Float64Array.from(rows, ({ capacity }) => capacity)
    let k = 0
    evses.forEach((evse, i) => {
      for (const c of evse.loads) {
        this.rowsOf.indices[k] = c.row
        this.factors[k] = factorOf(evse, c, rows[c.row]?.duty === 'contract')
        this.lumps[k++] = c.grid ?? 0
      }
      this.rowsOf.starts[i + 1] = k
    })
    this.relieved = this.factors.some((factor) => factor < 0)
    this.lumped = this.lumps.some((lump) => lump > 0)
    this.evsesOn = transposed(this.rowsOf, rows.length)
    evses.forEach((evse, i) => {
      this.levels[i] = evse.steerable ? 0 : evse.expected
      this.#add(i, this.counted(i, this.levels[i] ?? 0))
    })
  }

  level(i: number): Level {
    return this.levels[i] ?? 0
  }

  /** What it counts at when it is given `level`. */
  counted(i: number, level: Level): Level {
    const evse = this.evses[i]
    return evse?.steerable === true ? Math.max(level, evse.stuck) : level
  }

  /** Load of entry `k` of `rowsOf` at a counted level: whole mA or W, rounded up. */
  load(k: number, level: Level): number {
    const factor = this.factors[k] ?? 0
    if (factor === 0) return 0
    const lump = this.lumps[k] ?? 0
    return Math.ceil(factor * (lump === 0 ? level : Math.ceil(level / lump - 1e-9) * lump) - 1e-6)
  }

  move(i: number, to: Level): void {
    const from = this.level(i)
    if (from === to) return
    this.levels[i] = to
    const [before, after] = [this.counted(i, from), this.counted(i, to)]
    const { starts, indices } = this.rowsOf
    for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++) {
      const row = indices[k] ?? 0
      this.left[row] = (this.left[row] ?? 0) - this.load(k, after) + this.load(k, before)
    }
  }

  /** A row without room to raise the EVSE, `rather` this one if it is one of several; −1 when all have room. */
  blocking(i: number, to: Level, rather = -1): number {
    const [before, after] = [this.counted(i, this.level(i)), this.counted(i, to)]
    const { starts, indices } = this.rowsOf
    let found = -1
    for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++) {
      const row = indices[k] ?? 0
      if (found >= 0 && row !== rather) continue
      const more = this.load(k, after) - this.load(k, before)
      if (more > 0 && more > (this.left[row] ?? 0)) found = row
    }
    return found
  }

  /** Whether a row that the EVSE loads carries more than it may. */
  overloaded(i: number): boolean {
    const { starts, indices } = this.rowsOf
    for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++)
      if ((this.factors[k] ?? 0) > 0 && (this.left[indices[k] ?? 0] ?? 0) < 0) return true
    return false
  }

  /** Size of the lumps that are dealt to this EVSE; 0 for none. */
  lumpOf(i: number): Level {
    const { starts } = this.rowsOf
    let most = 0
    for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++) most = Math.max(most, this.lumps[k] ?? 0)
    return most
  }

  /** The end of the lump that its level lies in; endless without lumps. */
  lumpTop(i: number): Level {
    const lump = this.lumpOf(i)
    return lump === 0
      ? Number.POSITIVE_INFINITY
      : Math.ceil(this.counted(i, this.level(i)) / lump - 1e-9) * lump
  }

  /** Goes back to levels that were given before. */
  restore(levels: Float64Array): void {
    levels.forEach((level, i) => {
      this.move(i, level)
    })
  }

  #add(i: number, level: Level): void {
    const { starts, indices } = this.rowsOf
    for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++) {
      const row = indices[k] ?? 0
      this.left[row] = (this.left[row] ?? 0) - this.load(k, level)
    }
  }
}

/** A protect row counts all that vehicles may do; relief of a contract row only what we steer. */
const factorOf = (evse: SnapshotEvse, { perLevel }: Coefficient, contract: boolean): number =>
  contract && evse.steerable ? perLevel : Math.max(0, perLevel)

function transposed({ starts, indices }: Sparse, rows: number): Sparse {
  const begin = new Int32Array(rows + 1)
  for (const row of indices) begin[row + 1] = (begin[row + 1] ?? 0) + 1
  for (let row = 0; row < rows; row++) begin[row + 1] = (begin[row + 1] ?? 0) + (begin[row] ?? 0)
  const next = begin.slice()
  const evses = new Int32Array(indices.length)
  for (let i = 0; i + 1 < starts.length; i++)
    for (let k = starts[i] ?? 0; k < (starts[i + 1] ?? 0); k++) {
      const row = indices[k] ?? 0
      const at = next[row] ?? 0
      evses[at] = i
      next[row] = at + 1
    }
  return { starts: begin, indices: evses }
}
