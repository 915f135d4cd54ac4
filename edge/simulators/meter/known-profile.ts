import { DepotError } from '@busbar/model/depot-error.ts'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import type { MeterProfile } from '../../profiles/meter-profile.ts'

/** The register map that a virtual meter shows. @throws DepotError `simulator.unknown-profile` */
export async function knownProfile(id: string): Promise<MeterProfile> {
  const profile = (await loadMeterProfiles()).get(id)
  if (profile === undefined) throw new DepotError('simulator.unknown-profile', `no meter profile "${id}"`)
  return profile
}
