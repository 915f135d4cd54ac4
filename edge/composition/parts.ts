import type { Clock } from '@busbar/model/clock.ts'
import type { Log } from '../adapters/host/log.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import type { Control } from '../control/control.ts'

/** Release of this program. */
export const VERSION = '0.1.0'

/** What every part of the composition is built from. */
export interface Parts {
  readonly loaded: LoadedConfig
  readonly clock: Clock
  readonly log: Log
  readonly control: Control
}
