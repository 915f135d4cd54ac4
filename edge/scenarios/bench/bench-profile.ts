import { fileURLToPath } from 'node:url'
import { DepotError } from '@busbar/model/depot-error.ts'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import type { MeterProfile } from '../../profiles/meter-profile.ts'

const PROFILES = fileURLToPath(new URL('../../../firmware-profiles/meters', import.meta.url))

/** @throws DepotError `bench.profile` when there is none of that name */
export async function benchProfile(id: string): Promise<MeterProfile> {
  const profile = (await loadMeterProfiles(PROFILES)).get(id)
  if (!profile) throw new DepotError('bench.profile', `no profile ${id}`)
  return profile
}
