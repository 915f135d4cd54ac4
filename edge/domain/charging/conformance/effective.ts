import { amps } from '@busbar/units/electricity.ts'
import type { StationCapabilities } from '../../inputs.ts'
import type { ConformanceRecord, ConformanceResult } from './conformance-results.ts'

/** How much is known against an offline behaviour: what lets less be reserved comes first. */
const OFFLINE = ['zero', 'fallback', 'keeps', 'unknown', 'full'] as const

/**
 * Whether a result can be held for the station as well as against it: the run came to its end, on the firmware that the
 * station has now.
 */
const stands = (result: Pick<ConformanceResult, 'outcome' | 'firmware'>, firmware: string | null): boolean =>
  result.outcome === 'completed' && result.firmware === firmware

/**
 * The capabilities to count with. What was measured replaces what the profile states; a result that does not stand any
 * more only takes away: the safer of both counts, and nothing that lets less be reserved is proven.
 * @param profile  as the station's profile states them
 * @param result   of the last run; null when there was none
 * @param firmware that the station says it has now
 */
export function effectiveCapabilities(
  profile: StationCapabilities,
  result: Pick<ConformanceResult, 'outcome' | 'firmware' | 'capabilities'> | null,
  firmware: string | null,
): StationCapabilities {
  if (result === null) return profile
  const measured = measuredOf(profile, result.capabilities)
  return stands(result, firmware) ? measured : safer(profile, measured)
}

function measuredOf(
  profile: StationCapabilities,
  measured: ConformanceResult['capabilities'],
): StationCapabilities {
  const { offline, 'settle-s': settleS, 'smart-charging': smartCharging } = measured
  const step = measured['limit-steps-a']
  const min = measured['min-current-a']
  const fallback = measured['fallback-a']
  return {
    ...profile,
    offline: offline ?? profile.offline,
    settleS: settleS ?? profile.settleS,
    provenToObey: measured['proven-to-obey'] ?? profile.provenToObey,
    limitStepA: step === undefined ? profile.limitStepA : amps(step),
    minCurrentA: min === undefined ? profile.minCurrentA : amps(min),
    ...(fallback === undefined ? {} : { fallbackA: amps(fallback) }),
    ...(smartCharging === undefined ? {} : { smartCharging }),
  }
}

function safer(a: StationCapabilities, b: StationCapabilities): StationCapabilities {
  const worst = [a.offline, b.offline, 'unknown'] as const
  const none = a.smartCharging === 'none' || b.smartCharging === 'none'
  const fallback = Math.max(a.fallbackA ?? 0, b.fallbackA ?? 0)
  return {
    ...a,
    offline: worst.reduce((x, y) => (OFFLINE.indexOf(x) >= OFFLINE.indexOf(y) ? x : y)),
    startsAlone: a.startsAlone || b.startsAlone,
    settleS: Math.max(a.settleS, b.settleS),
    provenToObey: false,
    limitStepA: amps(Math.max(a.limitStepA, b.limitStepA)),
    minCurrentA: amps(Math.max(a.minCurrentA, b.minCurrentA)),
    ...(fallback > 0 ? { fallbackA: amps(fallback) } : {}),
    ...(none ? { smartCharging: 'none' as const } : {}),
  }
}

/** Whether an EVSE's capabilities were measured, and with the firmware that it has. */
export type ConformanceStanding = 'untested' | 'stands' | 'firmware-changed' | 'incomplete'

/** What the last result is worth on the firmware that the station has now. */
export function standingOf(
  record: Pick<ConformanceRecord, 'result'> | undefined,
  firmware: string | null,
): ConformanceStanding {
  const result = record?.result ?? null
  if (result === null) return 'untested'
  if (stands(result, firmware)) return 'stands'
  return result.outcome === 'aborted' ? 'incomplete' : 'firmware-changed'
}
