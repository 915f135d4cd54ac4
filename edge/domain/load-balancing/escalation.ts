import { between, type Duration, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'

/** What is done against a measured overload, mildest first. Each includes those before it. */
export const STEPS = ['minimum', 'zero', 'stop', 'inoperative', 'trip'] as const
/**
 * `minimum` and `zero`: limits. `stop`: transactions are ended. `inoperative`: EVSEs are taken out of service. `trip`: the
 * circuit is to be opened.
 */
export type Step = (typeof STEPS)[number]

/** On the ladder's own clock, from detection. */
const BEGINS: Readonly<Record<Step, Duration>> = {
  minimum: seconds(0),
  zero: seconds(10),
  stop: seconds(20),
  inoperative: seconds(35),
  trip: seconds(45),
}
/** From the beginning of `stop` and `inoperative` on offenders alone; this much later everyone who still draws. */
export const OTHERS_LATER = seconds(5)

/** Time in which the balancer's own cut must show at the meter before the ladder begins. */
export const CUT_SHOWS = seconds(10)
/** Above this multiple of the limit the ladder begins at `stop`. */
const SEVERE = 1.3
/** No breaker trips at or below this multiple within an hour. @see IEC 60898-1 */
const NO_TRIP = 1.13
/**
 * Seconds of (I/L)² − 1 that an overload may spend in all: half of what small breakers take from cold. Only ever an
 * alarm, never capacity.
 */
export const BUDGET_S = 20
/** Below this part of the limit, for this long, the ladder is left. */
const CALM = 0.9
const CALM_FOR = minutes(10)

/** What a fresh meter says of one protect row; load and limit in the same unit. */
export interface RowReading {
  readonly at: Monotonic
  readonly load: number
  readonly limit: number
}

/** The ladder of one row. */
export interface Ladder {
  readonly step: Step
  /** How far along it is; stands while the row is not overloaded. */
  readonly clock: Duration
  /** Since when the row has been calm; null while it is not. */
  readonly calmSince: Monotonic | null
}

/** What is remembered of a row between readings. */
export interface Overload {
  readonly last: RowReading | null
  /** Readings above the limit in a row, and the first of them. */
  readonly samples: number
  readonly since: Monotonic | null
  /** Spent of `BUDGET_S`; below the limit it is won back. */
  readonly spentS: number
  readonly ladder: Ladder | null
}

export const noOverload: Overload = { last: null, samples: 0, since: null, spentS: 0, ladder: null }

/** The ladder as an earlier run left it. */
export const resumed = (step: Step): Overload => ({
  ...noOverload,
  ladder: { step, clock: BEGINS[step], calmSince: null },
})

/**
 * Takes in a reading of the row. The ladder begins when two readings in a row are above the limit and the balancer's cut
 * has had its time, or half the overload budget is spent, or the overload is severe. Without readings it stands still.
 */
export function escalate(before: Overload, reading: RowReading): Overload {
  if (before.last !== null && reading.at <= before.last.at) return before
  const over = reading.load > reading.limit
  const samples = over ? before.samples + 1 : 0
  const watched: Overload = {
    last: reading,
    samples,
    since: over ? (before.since ?? reading.at) : null,
    spentS: spent(before, reading),
    ladder: before.ladder,
  }
  if (watched.ladder !== null) return { ...watched, ladder: climbed(watched.ladder, watched, before.last) }
  if (!begins(watched)) return watched
  const clock = severe(reading) ? BEGINS.stop : BEGINS.minimum
  return { ...watched, ladder: { step: stepAt(clock), clock, calmSince: null } }
}

const multiple = ({ load, limit }: RowReading): number =>
  limit > 0 ? load / limit : load > 0 ? Number.POSITIVE_INFINITY : 0
const severe = (reading: RowReading): boolean => multiple(reading) > SEVERE

function begins({ samples, since, spentS, last }: Overload): boolean {
  if (samples < 2 || since === null || last === null) return false
  return severe(last) || spentS >= BUDGET_S / 2 || between(since, last.at) >= CUT_SHOWS
}

/** A gap between readings counts at what was read before it. */
function spent({ last, spentS }: Overload, reading: RowReading): number {
  if (last === null) return 0
  const passedS = between(last.at, reading.at) / 1000
  const heat = Math.min(multiple(last), 10) ** 2 - 1
  return Math.min(BUDGET_S, Math.max(0, spentS + heat * passedS))
}

function climbed(ladder: Ladder, now: Overload, before: RowReading | null): Ladder | null {
  const { last } = now
  if (last === null) return ladder
  if (multiple(last) > 1) {
    const passed = before === null ? 0 : between(before.at, last.at)
    const clock = Math.max(ladder.clock + passed / pace(now, last), severe(last) ? BEGINS.stop : 0)
    const step = higher(ladder.step, stepAt(clock))
    return { step, clock: clock as Duration, calmSince: null }
  }
  if (multiple(last) > CALM) return { ...ladder, calmSince: null }
  const calmSince = ladder.calmSince ?? last.at
  return between(calmSince, last.at) >= CALM_FOR ? null : { ...ladder, calmSince }
}

/** How much faster the ladder goes, as a part of its usual time, so as to end before the breaker may trip. */
function pace({ spentS }: Overload, reading: RowReading): number {
  const m = multiple(reading)
  if (m <= NO_TRIP) return 1
  const leftS = (BUDGET_S - spentS) / (m ** 2 - 1)
  return Math.min(1, Math.max(0.1, leftS / (BEGINS.trip / 1000)))
}

const stepAt = (clock: number): Step => STEPS.findLast((step) => clock >= BEGINS[step]) ?? 'minimum'
const higher = (a: Step, b: Step): Step => (STEPS.indexOf(a) >= STEPS.indexOf(b) ? a : b)

/** Whether the ladder has come as far as this step. */
export const reached = (ladder: Ladder | null, step: Step): boolean =>
  ladder !== null && STEPS.indexOf(ladder.step) >= STEPS.indexOf(step)

/** Whether `stop` or `inoperative` goes to offenders alone as yet. */
export const offendersOnly = ({ clock }: Ladder, step: 'stop' | 'inoperative'): boolean =>
  clock < BEGINS[step] + OTHERS_LATER
