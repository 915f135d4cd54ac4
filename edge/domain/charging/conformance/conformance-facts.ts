import type { MeterId, StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'

/** What a conformance run looks at, in the order of the run. */
export const CONFORMANCE_STEPS = [
  'inventory',
  'liveness',
  'levels',
  'rounding',
  'composite',
  'variants',
  'duration',
  'reconnect',
  'loss',
  'zero',
  'reboot',
  'unlock',
] as const
export type ConformanceStep = (typeof CONFORMANCE_STEPS)[number]

/** What one step found. `deviates`: the station does otherwise than the standard says. */
export interface ConformanceFinding {
  readonly step: ConformanceStep
  readonly result: 'passed' | 'deviates' | 'not-checked'
  readonly text: string
}

/** Capabilities as measured, by the keys of station profiles; what is absent was not measured. */
export interface MeasuredCapabilities {
  readonly 'smart-charging'?: 'none' | 'transaction'
  readonly 'proven-to-obey'?: boolean
  /** s */
  readonly 'settle-s'?: number
  /** A per phase. */
  readonly 'limit-steps-a'?: number
  /** A per phase. */
  readonly 'min-current-a'?: number
  readonly pause?: 'zero-limit' | 'min-limit'
  readonly offline?: 'keeps' | 'fallback' | 'full' | 'zero'
  /** A per phase. */
  readonly 'fallback-a'?: number
  readonly 'meter-quantities'?: readonly string[]
  readonly soc?: boolean
  readonly 'local-list'?: boolean
  readonly reservation?: boolean
  readonly unlock?: boolean
  readonly 'security-profiles'?: readonly number[]
}

/** A quirk that the run saw, by the closed keys of station profiles. */
export interface QuirkSeen {
  readonly key: string
  /** JSON. */
  readonly value: unknown
  readonly reason: string
}

/** Facts of conformance runs. */
export interface ConformanceFactTypes {
  ConformanceStarted: {
    run: string
    station: StationId
    evse: number
    firmware: string | null
    by: string
  }
  /** The run is over, and the station has its normal limit again. */
  ConformanceEnded: {
    run: string
    station: StationId
    evse: number
    outcome: 'completed' | 'aborted'
    /** Of an abort. */
    reason: string | null
    vendor: string | null
    model: string | null
    firmware: string | null
    protocol: string | null
    /** The site's own meter that saw what the EVSE drew; null: only the station's own values tell. */
    meter: MeterId | null
    steps: readonly ConformanceFinding[]
    capabilities: MeasuredCapabilities
    quirks: readonly QuirkSeen[]
    started_at: Instant
    by: string
  }
}
