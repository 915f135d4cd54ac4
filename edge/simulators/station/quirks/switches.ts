import type { QuirkKey } from '../../../profiles/quirk-values.ts'
import { METER_SWITCHES } from './meter-switches.ts'
import { PROFILE_SWITCHES } from './profile-switches.ts'
import type { Quirk, Switches } from './quirk.ts'
import { STATUS_SWITCHES } from './status-switches.ts'
import { TRANSACTION_SWITCHES } from './transaction-switches.ts'

const SWITCHES: Switches = {
  ...METER_SWITCHES,
  ...PROFILE_SWITCHES,
  ...TRANSACTION_SWITCHES,
  ...STATUS_SWITCHES,
}

/** How a station comes by a quirk of `firmware-profiles/QUIRKS.md`; undefined where none is to be had. */
export const switchFor = (key: QuirkKey): ((value: unknown) => Quirk) | undefined =>
  // The value has been checked by its key.
  SWITCHES[key] as ((value: unknown) => Quirk) | undefined
