import type { QuirkKey } from '../../../profiles/quirk-values.ts'
import { LINK_SWITCHES } from './link-switches.ts'
import { METER_SWITCHES } from './meter-switches.ts'
import { PROFILE_SWITCHES } from './profile-switches.ts'
import type { Quirk, Switches } from './quirk.ts'
import { SELF_SWITCHES } from './self-switches.ts'
import { SETUP_SWITCHES } from './setup-switches.ts'
import { STATUS_SWITCHES } from './status-switches.ts'
import { TRANSACTION_SWITCHES } from './transaction-switches.ts'

const SWITCHES: Switches = {
  ...LINK_SWITCHES,
  ...SETUP_SWITCHES,
  ...SELF_SWITCHES,
  ...METER_SWITCHES,
  ...PROFILE_SWITCHES,
  ...TRANSACTION_SWITCHES,
  ...STATUS_SWITCHES,
}

/** How a station comes by a quirk of `firmware-profiles/QUIRKS.md`; undefined where none is to be had. */
export const switchFor = (key: QuirkKey): ((value: unknown) => Quirk) | undefined =>
  // The value has been checked by its key.
  SWITCHES[key] as ((value: unknown) => Quirk) | undefined
