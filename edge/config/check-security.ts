import type { DepotConfig } from './schema.ts'

type StationConfig = DepotConfig['stations'][number]

/** The security profile of a station: as stated, else by its secret. */
export const securityProfileOf = ({ security_profile: stated, secret }: StationConfig) =>
  stated ?? (secret === undefined ? 0 : 1)

/** What a station's security settings lack; each as the path below the station and what was expected. */
export function securityFaults(
  station: StationConfig,
  tls: boolean,
): readonly { readonly at: readonly string[]; readonly expected: string }[] {
  const { secret, allow_without_secret: open, upgrading_from: from } = station
  const profile = securityProfileOf(station)
  const profiles = from === undefined ? [profile] : [profile, from]
  const faults: { at: readonly string[]; expected: string }[] = []
  const needsSecret = profiles.some((one) => one === 1 || one === 2)
  if (profiles.includes(0) && !open)
    faults.push({ at: [], expected: 'a secret, or allow_without_secret: true' })
  else if (needsSecret && secret === undefined)
    faults.push({ at: [], expected: `a secret, since its security_profile is ${Math.min(...profiles)}` })
  if (profiles.some((one) => one >= 2) && !tls)
    faults.push({ at: ['security_profile'], expected: 'ocpp.tls, since profiles 2 and 3 run over TLS' })
  if (from !== undefined && from >= profile)
    faults.push({ at: ['upgrading_from'], expected: `a profile below ${profile}` })
  return faults
}
