import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StationOf } from './depot-of.ts'

/** The id of the profile that a station with quirks is given. */
export const quirkProfileId = (station: string): string => `quirks-of-${station.toLowerCase()}`

/** A virtual station is as good as its own profile says, but for its quirks. Null when no station has any. */
export async function writeQuirkProfiles(
  folder: string,
  stations: readonly StationOf[],
): Promise<string | null> {
  const odd = stations.filter(({ quirks }) => quirks !== undefined)
  if (odd.length === 0) return null
  await mkdir(folder, { recursive: true })
  for (const station of odd) {
    const id = quirkProfileId(station.id)
    await writeFile(join(folder, `${id}.json`), JSON.stringify(profileOf(id, station)))
  }
  return folder
}

function profileOf(id: string, { quirks = {}, dcKw, profiled = {} }: StationOf) {
  return {
    id,
    match: [{ identity: `^${id}$` }],
    evidence: { who: 'a scenario', date: '2026-11-21', document: 'the simulated station', tier: 'bench' },
    protocols: ['ocpp2.0.1', 'ocpp2.1', 'ocpp1.6'],
    capabilities: {
      ...(dcKw === undefined ? { phases: 3 } : { dc: true }),
      'min-current-a': 6,
      'limit-steps-a': 0.1,
      offline: 'fallback',
      'starts-alone': false,
      'settle-s': 5,
      'proven-to-obey': true,
      ...profiled,
    },
    quirks: Object.entries(quirks).map(([key, value]) => ({
      ...{ key, value, reason: 'the scenario is about it', confidence: 'high' },
      sources: ['https://example.org/scenario'],
    })),
    ...{ settings: [], commissioning: [], fixture: null },
  }
}
