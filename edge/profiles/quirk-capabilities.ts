import type { StationCapabilities } from '../domain/inputs.ts'
import type { QuirkValues } from './quirk-values.ts'
import type { StationProfileFile } from './station-profile.ts'

/**
 * What quirks take away from the capabilities that a profile states: where one means that a limit may not bound what
 * the station draws, or that it starts without us, the balancing counts on that, however thin the report is.
 */
export function withQuirks(
  stated: StationCapabilities,
  quirks: QuirkValues,
  { phases, dc }: StationProfileFile['capabilities'],
): StationCapabilities {
  const inWatts = quirks['profile.unit'] === 'W' && phases !== 1 && dc !== true
  const unbounded =
    inWatts ||
    quirks['profile.spike-on-set-s'] !== undefined ||
    quirks['profile.resend-after-zero'] === true ||
    quirks['profile.limit-via'] !== undefined
  const startsAlone = quirks['start.auto'] === true || quirks['transaction.infer-start'] === true
  // A relative schedule is sent without an end.
  const endless = quirks['profile.kind'] === 'Relative' && stated.offline === 'fallback'
  return {
    ...stated,
    ...(unbounded ? { unbounded } : {}),
    // A spike is no disobedience: sending the limit again would bring the next.
    settleS: stated.settleS + (quirks['profile.spike-on-set-s'] ?? 0),
    ...(quirks['profile.lost-on-reconnect'] === true
      ? { offline: 'full' }
      : endless
        ? { offline: 'keeps' }
        : {}),
    ...(startsAlone ? { startsAlone } : {}),
    ...(quirks['profile.verify'] === 'meter' ? { provenToObey: false } : {}),
  }
}
