import type { Percent, WattHours, Watts } from '@busbar/units/electricity.ts'
import type { PerPhase, Phase } from '@busbar/units/per-phase.ts'
import { PHASES } from '@busbar/units/per-phase.ts'
import { between, type Instant, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'
import type { EvseSample } from '../inputs.ts'
import type { Evse } from '../site/site.ts'
import type { Level } from './rows.ts'

/** A report older than this says nothing of the present. */
export const REPORT_FRESH = seconds(30)
/** More than this on a phase for `PHASE_PROOF` marks it used by the vehicle. */
const PHASE_USED_MA = 1000
const PHASE_PROOF = seconds(30)
/** How long a draw above the limit is held against the EVSE. */
export const OVERDRAW_KEPT = minutes(5)

/** One report of an EVSE, in site phases. */
export interface Report {
  /** When the station took it, at the latest; what was queued is older than its receipt. */
  readonly at: Monotonic
  readonly receivedAt: Instant
  /** mA per site conductor; a conductor that the station did not report is absent. */
  readonly currentMa: Partial<PerPhase<number>>
  /** W at the station's meter: AC side for AC, output for DC. */
  readonly powerW: number | null
  /** The draw in units of the EVSE's limit; null when the report does not tell. */
  readonly level: Level | null
}

/** What the stations tell of one EVSE's present, kept in memory only. */
export interface Observation {
  readonly reports: readonly Report[]
  readonly registerWh: WattHours | null
  readonly socPct: Percent | null
  readonly powerW: Watts | null
  /** Since when each conductor carried more than 1 A. */
  readonly carrying: Partial<PerPhase<Monotonic>>
  /** Conductors the vehicle is known to use; null until learned. */
  readonly usedPhases: readonly Phase[] | null
  /** Since when the vehicle has drawn clearly less than it may. */
  readonly slackSince: Monotonic | null
  /** Highest draw above the limit in force, and when. */
  readonly overdraw: { readonly level: Level; readonly at: Monotonic } | null
}

export const unobserved: Observation = {
  reports: [],
  registerWh: null,
  socPct: null,
  powerW: null,
  carrying: {},
  usedPhases: null,
  slackSince: null,
  overdraw: null,
}

/** How many reports are kept: enough to see steadiness and to prove a release. */
const KEPT = 6

/**
 * Takes in a station's sample.
 * @param of.inForce  the largest limit the EVSE may obey just now
 * @param of.takenAt  when the station took it, never later than it did
 */
export function observe(
  observation: Observation,
  sample: EvseSample,
  of: { evse: Evse; inForce: Level; takenAt: Monotonic; now: Monotonic; receivedAt: Instant },
): Observation {
  const report = toReport(sample, of)
  const carrying = stillCarrying(observation, report, of.evse)
  const over = report.level !== null && report.level > tolerated(of.inForce)
  return {
    reports: [...observation.reports, report].slice(-KEPT),
    registerWh: sample.registerWh ?? observation.registerWh,
    socPct: sample.socPct ?? observation.socPct,
    powerW: sample.powerW ?? observation.powerW,
    carrying,
    usedPhases: learnedPhases(observation, carrying, report.at),
    slackSince: slackSince(observation, report, of),
    overdraw:
      over && report.level !== null
        ? { level: Math.max(report.level, kept(observation, of.now)), at: of.now }
        : observation.overdraw,
  }
}

/** Draw above the limit that still counts as obeying: max(1 A or 1 kW, 5 %). */
export const tolerated = (level: Level): Level => level + Math.max(1000, level * 0.05)

/** The overdraw to count, 0 when there was none lately. */
export const kept = (observation: Observation, now: Monotonic): Level =>
  observation.overdraw !== null && between(observation.overdraw.at, now) <= OVERDRAW_KEPT
    ? observation.overdraw.level
    : 0

/** Counts a draw above the limit that no report has shown, such as one that the station says it would allow. */
export const overdrawn = (
  observation: Observation,
  { level, at }: { level: Level; at: Monotonic },
): Observation => ({
  ...observation,
  overdraw: { level: Math.max(level, kept(observation, at)), at },
})

/** The newest report if it is fresh. */
export function freshReport(observation: Observation, now: Monotonic): Report | null {
  const last = observation.reports.at(-1)
  return last !== undefined && between(last.at, now) <= REPORT_FRESH ? last : null
}

function toReport(sample: EvseSample, of: { evse: Evse; takenAt: Monotonic; receivedAt: Instant }): Report {
  const currentMa: Partial<Record<Phase, number>> = {}
  of.evse.phases.forEach((phase, index) => {
    const own = PHASES[index]
    const current = own === undefined ? undefined : sample.currentA?.[own]
    if (current !== undefined) currentMa[phase] = Math.ceil(current * 1000)
  })
  const currents = Object.values(currentMa)
  const level =
    of.evse.current === 'dc' ? (sample.powerW ?? null) : currents.length > 0 ? Math.max(...currents) : null
  return {
    at: of.takenAt,
    receivedAt: of.receivedAt,
    currentMa,
    powerW: sample.powerW ?? null,
    level: level === null ? null : Math.ceil(level),
  }
}

/** A wired conductor that the report leaves out may carry anything. */
function stillCarrying(
  observation: Observation,
  report: Report,
  { phases }: Evse,
): Partial<PerPhase<Monotonic>> {
  const carrying: Partial<Record<Phase, Monotonic>> = {}
  for (const phase of phases)
    if ((report.currentMa[phase] ?? Number.POSITIVE_INFINITY) > PHASE_USED_MA)
      carrying[phase] = observation.carrying[phase] ?? report.at
  return carrying
}

/** The first proof tells which conductors the vehicle leaves alone; one that carries current later counts at once. */
function learnedPhases(
  { usedPhases }: Observation,
  carrying: Partial<PerPhase<Monotonic>>,
  at: Monotonic,
): readonly Phase[] | null {
  const proven = Object.values(carrying).some((since) => between(since, at) >= PHASE_PROOF)
  if (usedPhases === null && !proven) return null
  return PHASES.filter((phase) => carrying[phase] !== undefined || usedPhases?.includes(phase))
}

/** What was learned of a vehicle is forgotten when it may be another one; a draw above the limit is remembered. */
export const forgetVehicle = ({ overdraw, registerWh }: Observation): Observation => ({
  ...unobserved,
  overdraw,
  registerWh,
})

/** Slack: the vehicle leaves at least 1 A (1 kW) of what it may draw unused. */
function slackSince(
  observation: Observation,
  report: Report,
  of: { evse: Evse; inForce: Level },
): Monotonic | null {
  const slack = report.level !== null && report.level < of.inForce - 1000
  return slack ? (observation.slackSince ?? report.at) : null
}
