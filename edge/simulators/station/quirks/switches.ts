import { METER_SWITCHES } from './meter-switches.ts'
import { PROFILE_SWITCHES } from './profile-switches.ts'
import type { Switch } from './quirk.ts'

/** How a station comes by each quirk of `firmware-profiles/QUIRKS.md`, a file for each group or some. */
export const SWITCHES: ReadonlyMap<string, Switch> = new Map(
  Object.entries({ ...METER_SWITCHES, ...PROFILE_SWITCHES }),
)
