import type { Rule } from './rule.ts'
import { firmwareRefused } from './rules/firmware-refused.ts'
import { intrusion } from './rules/intrusion.ts'
import { limitNotHeld } from './rules/limit-not-held.ts'
import { fallbackRefused, limitNotObeyed } from './rules/limit-not-obeyed.ts'
import { limitRefused } from './rules/limit-refused.ts'
import { meterImplausible } from './rules/meter-implausible.ts'
import { meterSilent } from './rules/meter-silent.ts'
import { meterUntested } from './rules/meter-untested.ts'
import { overLimit } from './rules/over-limit.ts'
import { overloadEscalated } from './rules/overload-escalated.ts'
import { stationFaulted } from './rules/station-faulted.ts'
import { stationFlapping } from './rules/station-flapping.ts'
import { stationOffline } from './rules/station-offline.ts'
import { stationUnproven } from './rules/station-unproven.ts'
import { vehicleAsleep } from './rules/vehicle-asleep.ts'

/** Every rule, run each second. */
export const RULES: readonly Rule[] = [
  overLimit,
  overloadEscalated,
  meterSilent,
  meterImplausible,
  meterUntested,
  stationFaulted,
  stationOffline,
  stationFlapping,
  stationUnproven,
  limitNotObeyed,
  fallbackRefused,
  limitNotHeld,
  limitRefused,
  vehicleAsleep,
  intrusion,
  firmwareRefused,
]
