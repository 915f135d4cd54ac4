import type { QuirkValues } from '../../../profiles/quirk-values.ts'
import { type StationProfileFile, stationProfileSchema } from '../../../profiles/station-profile.ts'
import { GENERIC, type StationProfiles, stationProfiles } from '../../../profiles/station-profiles.ts'

/** The generic profile, and one named `odd` with these quirks. */
export function profilesWith(quirks: QuirkValues): StationProfiles {
  const generic = profile(GENERIC, {})
  return stationProfiles([profile('odd', quirks), generic], generic)
}

const profile = (id: string, quirks: QuirkValues): StationProfileFile =>
  stationProfileSchema.parse({
    ...{
      id,
      match: [],
      protocols: ['ocpp2.0.1', 'ocpp1.6'],
      capabilities: {},
      settings: [],
      commissioning: [],
    },
    evidence: { who: 'us', date: '2026-12-01', document: 'none', tier: 'bench' },
    quirks: Object.entries(quirks).map(([key, value]) => ({
      ...{ key, value, reason: 'a test is about it', confidence: 'high' },
      sources: ['https://example.com/1'],
    })),
    fixture: null,
  })
