import type { StationCommand } from '../../../domain/commands.ts'
import { limitValue } from '../../../domain/limit.ts'
import type { QuirkValues } from '../../../profiles/quirk-values.ts'
import { converted, NO_WAY, setsLimit } from './profile.ts'

/**
 * Why a limit of the depot would never leave for a station with these quirks; null when it would. To be asked before the
 * limit is recorded as sent: what the profile group refuses here is refused every time.
 * @param phases that the model can charge on
 */
export function refusedLimit(quirks: QuirkValues, command: StationCommand, phases: number): string | null {
  if (!setsLimit(command)) return null
  const via = quirks['profile.limit-via']
  const unit = via?.unit ?? quirks['profile.unit']
  if (unit !== undefined && converted(command.limit, unit, phases) === null) return NO_WAY
  const isDefault = command.kind === 'set-default-limit'
  const zero = limitValue(command.limit) === 0 && (quirks['profile.zero'] ?? 'pauses') !== 'pauses'
  if (zero) return isDefault ? 'a default of 0 would end every transaction' : null
  // A key of its own has one limit for all purposes.
  if (via !== undefined) return null
  const purpose = isDefault ? 'TxDefaultProfile' : 'TxProfile'
  const taken = quirks['profile.purposes']
  return taken === undefined || taken.includes(purpose) ? null : `this model takes no ${purpose}`
}
