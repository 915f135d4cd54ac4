/** One reading of the reference; times are whole tenths of a second. */
export interface Reading {
  readonly at: number
  readonly power: number | undefined
  readonly register: number | undefined
}

const TICK = 100
const MINUTE = 60_000
const STANDS = 15_000

/**
 * The figures of one minute, counted tick by tick over all readings: what the store must come to, written without
 * regard to how it does. Tests only.
 */
export function referenceMinute(readings: readonly Reading[], of: 'power' | 'register', minute: number) {
  const [start, end] = [minute * MINUTE, (minute + 1) * MINUTE]
  const points = readings.flatMap((reading) => {
    const value = reading[of]
    return value === undefined ? [] : [{ at: reading.at, value }]
  })
  const standing = (tick: number) => points.findLast(({ at }) => at <= tick && tick < at + STANDS)
  const ticks: { at: number; value: number }[] = []
  for (let tick = start; tick < end; tick += TICK) {
    const point = standing(tick)
    if (point !== undefined) ticks.push(point)
  }
  const inside = points.filter(({ at }) => at >= start && at < end)
  const values = [...ticks, ...inside].map(({ value }) => value)
  const last = inside.at(-1) ?? ticks.at(-1)
  const gauge = { coveredMs: ticks.length * TICK, last: last?.value ?? null, segment: false }
  if (of === 'register') return { ...gauge, min: null, mean: null, max: null, ...added(points, start, end) }
  if (last === undefined) return { ...gauge, min: null, mean: null, max: null, energyWh: null }
  const mean = Math.round(ticks.reduce((sum, { value }) => sum + value, 0) / ticks.length) + 0
  const energyWh = (mean * gauge.coveredMs) / 3_600_000
  return { ...gauge, min: Math.min(...values), mean, max: Math.max(...values), energyWh }
}

function added(points: readonly { at: number; value: number }[], start: number, end: number) {
  const known = points.some(({ at }) => at < end && at + STANDS > start)
  let energyWh = 0
  let segment = false
  for (const [index, { at, value }] of points.entries()) {
    const before = points[index - 1]
    if (at < start || at >= end || before === undefined) continue
    if (before.at < start && before.at + STANDS <= start) continue
    if (value < before.value) segment = true
    else energyWh += value - before.value
  }
  return { energyWh: known ? energyWh : null, segment }
}
