import { between, hours, type Instant } from '@busbar/units/time.ts'
import type { StationTrust } from '../../domain/charging/station-trust.ts'

/** A certificate is renewed when less than this is left of it. @see OCPP 2.0.1 A02 */
export const RENEW_BEFORE = hours(30 * 24)

/** What is to be done at a station. */
export type TrustStep =
  | { readonly do: 'install-root'; readonly generation: number }
  | { readonly do: 'renew'; readonly because: 'none' | 'expires' | 'old-root' }
  | { readonly do: 'nothing' }

/**
 * What a station needs next: every root that is trusted, then a certificate of the newest one with time left.
 * @param of.generations  trusted roots, the newest last
 * @param of.presents  it proves itself by a certificate (security profile 3)
 */
export function nextStep(
  trust: StationTrust | undefined,
  of: { readonly generations: readonly number[]; readonly presents: boolean; readonly now: Instant },
): TrustStep {
  const missing = of.generations.find((generation) => !trust?.roots.includes(generation))
  if (missing !== undefined) return { do: 'install-root', generation: missing }
  if (!of.presents) return { do: 'nothing' }
  const certificate = trust?.certificate ?? null
  if (certificate === null) return { do: 'renew', because: 'none' }
  if (certificate.generation !== of.generations.at(-1)) return { do: 'renew', because: 'old-root' }
  if (between(of.now, certificate.notAfter) < RENEW_BEFORE) return { do: 'renew', because: 'expires' }
  return { do: 'nothing' }
}
