import { AVAILABILITY_QUIRKS } from './availability.ts'
import { BOOT_QUIRKS } from './boot.ts'
import { CLOCK_QUIRKS } from './clock.ts'
import { CONFIG_QUIRKS } from './config.ts'
import { ID_TOKEN_QUIRKS } from './id-token.ts'
import { MEASURANDS_QUIRKS } from './measurands.ts'
import { METER_QUIRKS } from './meter.ts'
import { PROFILE_QUIRKS } from './profile.ts'
import type { Handlings } from './quirk.ts'
import { START_QUIRKS } from './start.ts'
import { STATUS_QUIRKS } from './status.ts'
import { TLS_QUIRKS } from './tls.ts'
import { TRANSACTION_QUIRKS } from './transaction.ts'
import { TRANSPORT_QUIRKS } from './transport.ts'

/** Every quirk that is handled, from one file for each group. What stands here is on the page of what is supported. */
export const HANDLED: Handlings = {
  ...TRANSPORT_QUIRKS,
  ...BOOT_QUIRKS,
  ...CONFIG_QUIRKS,
  ...MEASURANDS_QUIRKS,
  ...METER_QUIRKS,
  ...PROFILE_QUIRKS,
  ...START_QUIRKS,
  ...TRANSACTION_QUIRKS,
  ...STATUS_QUIRKS,
  ...CLOCK_QUIRKS,
  ...ID_TOKEN_QUIRKS,
  ...AVAILABILITY_QUIRKS,
  ...TLS_QUIRKS,
}
