import type { Duration, Monotonic } from '@busbar/units/time.ts'

/** Energy counted up to a moment; both sums only rise. */
interface Point {
  readonly at: Monotonic
  readonly wh: number
  /** Time that was not measured. */
  readonly unsureMs: number
}

/** Points closer together than this become one, ms. */
const SPACING = 1_000
const HOUR = 3_600_000

/** Energy over our own clock, as far back as it is kept. */
export interface EnergyCurve {
  readonly start: Monotonic | null
  readonly end: Monotonic | null
  begin(at: Monotonic): void
  /** Goes on to `to` at this power. */
  add(piece: { to: Monotonic; powerW: number; sure: boolean }): void
  /** Sets the energy since `from` to what a register says; what was not measured in between is known now. */
  correct(from: Monotonic, wh: number): void
  /** Energy from `from` to the end; time before the curve's start counts at `powerW` and as not measured. */
  since(from: Monotonic, powerW: number): { wh: number; unsureMs: number }
}

/** The sums at a moment on the curve. */
function sumsAt(points: readonly Point[], at: Monotonic): Point {
  const after = points.findIndex((point) => point.at >= at)
  const [left, right] = [points[after - 1], points[after]]
  if (right === undefined) return points.at(-1) ?? { at, wh: 0, unsureMs: 0 }
  if (left === undefined || right.at === at) return right
  const part = (at - left.at) / (right.at - left.at)
  return {
    at,
    wh: left.wh + part * (right.wh - left.wh),
    unsureMs: left.unsureMs + part * (right.unsureMs - left.unsureMs),
  }
}

/** A curve that keeps the last `kept`. */
export function energyCurve(kept: Duration): EnergyCurve {
  let points: Point[] = []
  /** Points up to here stand as they are. */
  let settled = Number.NEGATIVE_INFINITY

  return {
    get start() {
      return points[0]?.at ?? null
    },
    get end() {
      return points.at(-1)?.at ?? null
    },
    begin(at) {
      points = [{ at, wh: 0, unsureMs: 0 }]
    },
    add({ to, powerW, sure }) {
      const last = points.at(-1)
      if (last === undefined || to <= last.at) return
      const ms = to - last.at
      const before = points.at(-2)
      if (before !== undefined && last.at > settled && to - before.at < SPACING) points.pop()
      points.push({ at: to, wh: last.wh + (powerW * ms) / HOUR, unsureMs: last.unsureMs + (sure ? 0 : ms) })
      if ((points[1]?.at ?? to) < to - kept)
        points = points.slice(points.findIndex(({ at }) => at >= to - kept) - 1)
    },
    correct(from, wh) {
      const [base, end] = [sumsAt(points, from), points.at(-1)]
      if (end === undefined || end.at <= from || (points[0]?.at ?? from) > from) return
      const counted = end.wh - base.wh
      const share = (point: Point) =>
        counted > 0 ? (point.wh - base.wh) / counted : (point.at - from) / (end.at - from)
      points = points.map((point) =>
        point.at <= from ? point : { at: point.at, wh: base.wh + share(point) * wh, unsureMs: base.unsureMs },
      )
      settled = end.at
    },
    since(from, powerW) {
      const [first, last] = [points[0], points.at(-1)]
      if (first === undefined || last === undefined) return { wh: 0, unsureMs: 0 }
      const missing = Math.max(0, first.at - from)
      const base = missing > 0 ? first : sumsAt(points, from)
      return {
        wh: last.wh - base.wh + (powerW * missing) / HOUR,
        unsureMs: last.unsureMs - base.unsureMs + missing,
      }
    },
  }
}
