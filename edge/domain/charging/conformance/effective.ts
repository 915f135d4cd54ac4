import { amps } from '@busbar/units/electricity.ts'
import type { StationCapabilities } from '../../inputs.ts'
import type { StationRecord } from '../station.ts'
import type { QuirkSeen } from './conformance-facts.ts'
import type { ConformanceEvidence, ConformanceRecord, ConformanceResult } from './conformance-results.ts'

/** How much is known against an offline behaviour: what lets less be reserved comes first. */
const OFFLINE = ['zero', 'fallback', 'keeps', 'unknown', 'full'] as const

/** What a station says it is. */
type Device = Pick<StationRecord, 'vendor' | 'model' | 'firmware'>
type Result = ConformanceEvidence & Device & Pick<ConformanceResult, 'outcome'>
type Known = { readonly result: Result | null } & Pick<ConformanceRecord, 'against'>

const UNTOLD: Device = { vendor: null, model: null, firmware: null }

/**
 * Whether a result can be held for the station as well as against it: the run came to its end, on the device and the
 * firmware that are there now.
 */
const stands = (result: Device & Pick<Result, 'outcome'>, device: Device): boolean =>
  result.outcome === 'completed' &&
  result.vendor === device.vendor &&
  result.model === device.model &&
  result.firmware === device.firmware

/**
 * The capabilities to count with. What was measured replaces what the profile states; a result that does not stand any
 * more only takes away: the safer of both counts, and nothing that lets less be reserved is proven. What aborted runs
 * found only takes away as well.
 * @param profile as the station's profile states them
 * @param known   of the EVSE's runs
 * @param device  what the station says it is now
 */
export function effectiveCapabilities(
  profile: StationCapabilities,
  known: Known | undefined,
  device: Device = UNTOLD,
): StationCapabilities {
  if (known === undefined || known.result === null) return profile
  const measured = measuredOf(profile, known.result)
  const first = stands(known.result, device) ? measured : unproven(profile, measured)
  return (known.against ?? []).reduce((so, evidence) => safer(so, measuredOf(so, evidence)), first)
}

function measuredOf(
  profile: StationCapabilities,
  { capabilities: measured, quirks }: ConformanceEvidence,
): StationCapabilities {
  const { offline, 'settle-s': settleS, 'smart-charging': smartCharging } = measured
  const step = measured['limit-steps-a']
  const min = measured['min-current-a']
  const fallback = measured['fallback-a']
  return withSeen(quirks, {
    ...profile,
    offline: offline ?? profile.offline,
    settleS: settleS ?? profile.settleS,
    provenToObey: measured['proven-to-obey'] ?? profile.provenToObey,
    limitStepA: step === undefined ? profile.limitStepA : amps(step),
    minCurrentA: min === undefined ? profile.minCurrentA : amps(min),
    ...(fallback === undefined ? {} : { fallbackA: amps(fallback) }),
    ...(smartCharging === undefined ? {} : { smartCharging }),
  })
}

/** Quirks that a run saw take away what those of a profile do, until a profile says how to live with them. */
function withSeen(quirks: readonly QuirkSeen[], measured: StationCapabilities): StationCapabilities {
  const seen = new Map(quirks.map(({ key, value }) => [key, value]))
  const spikeS = Number(seen.get('profile.spike-on-set-s') ?? 0)
  const unbounded = spikeS > 0 || seen.get('profile.resend-after-zero') === true
  return {
    ...measured,
    ...(unbounded ? { unbounded } : {}),
    settleS: Math.max(measured.settleS, spikeS),
    // What outlives neither a break of the link nor its end leaves nothing that bounds it.
    ...(seen.get('profile.lost-on-reconnect') === true ? { offline: 'full' } : {}),
  }
}

/** The safer of both, of which nothing is proven. */
function unproven(a: StationCapabilities, b: StationCapabilities): StationCapabilities {
  const both = safer(a, b)
  return { ...both, offline: worse(both.offline, 'unknown'), provenToObey: false }
}

const worse = (a: StationCapabilities['offline'], b: StationCapabilities['offline']) =>
  OFFLINE.indexOf(a) >= OFFLINE.indexOf(b) ? a : b

function safer(a: StationCapabilities, b: StationCapabilities): StationCapabilities {
  const none = a.smartCharging === 'none' || b.smartCharging === 'none'
  const fallback = Math.max(a.fallbackA ?? 0, b.fallbackA ?? 0)
  const unbounded = a.unbounded === true || b.unbounded === true
  return {
    ...a,
    offline: worse(a.offline, b.offline),
    startsAlone: a.startsAlone || b.startsAlone,
    settleS: Math.max(a.settleS, b.settleS),
    provenToObey: a.provenToObey && b.provenToObey,
    limitStepA: amps(Math.max(a.limitStepA, b.limitStepA)),
    minCurrentA: amps(Math.max(a.minCurrentA, b.minCurrentA)),
    ...(unbounded ? { unbounded } : {}),
    ...(fallback > 0 ? { fallbackA: amps(fallback) } : {}),
    ...(none ? { smartCharging: 'none' as const } : {}),
  }
}

/** Whether an EVSE's capabilities were measured, and with the device and firmware that it has. */
export type ConformanceStanding = 'untested' | 'stands' | 'firmware-changed' | 'incomplete'

/** What the last result is worth on what the station says it is now. */
export function standingOf(
  record: Pick<ConformanceRecord, 'result'> | undefined,
  device: Device = UNTOLD,
): ConformanceStanding {
  const result = record?.result ?? null
  if (result === null) return 'untested'
  if (stands(result, device)) return 'stands'
  return result.outcome === 'aborted' ? 'incomplete' : 'firmware-changed'
}
