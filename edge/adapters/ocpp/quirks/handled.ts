import { BOOT_QUIRKS } from './boot.ts'
import type { Handlings } from './quirk.ts'

/** Every quirk that is handled, from one file for each group. What stands here is on the page of what is supported. */
export const HANDLED: Handlings = {
  ...BOOT_QUIRKS,
}
