import { as, type IdToken } from '@busbar/model/ids.ts'
import type { EvseSample, InputOf } from '../../../domain/inputs.ts'
import type { Quirk, QuirkSelf } from './quirk.ts'

interface Seen {
  /** It has said that it charges, and nothing else since. */
  charging: boolean
  /** The first sample with a register since it charges. */
  first: EvseSample | null
}

/**
 * A transaction of which only the state Charging and a growing register tell. It is opened from the first register, for
 * the token that last asked or was last asked for.
 */
export function inferStart(): Quirk {
  const seen = new Map<number, Seen>()
  let token = as<IdToken>('')
  const of = (evse: number): Seen => {
    const known = seen.get(evse) ?? { charging: false, first: null }
    seen.set(evse, known)
    return known
  }
  return {
    sends(command, usual) {
      if (command.kind === 'request-start') token = command.idToken
      return usual(command)
    },
    means(input, self) {
      if (input.type === 'authorize') token = input.idToken
      if (input.type === 'transaction-ended') seen.clear()
      if (input.type === 'connector-status' && input.evse !== 0) hearState(of(input.evse), input)
      if (input.type === 'meter-values' && input.evse !== 0)
        hearValues(of(input.evse), input, { self, token })
      return input
    },
  }
}

function hearState(seen: Seen, { status, chargingState }: InputOf<'connector-status'>): void {
  if (chargingState === 'Charging') seen.charging = true
  else if (status !== 'Occupied' || chargingState === 'EVConnected' || chargingState === 'Idle')
    Object.assign(seen, { charging: false, first: null })
}

function hearValues(
  seen: Seen,
  { station, evse, samples }: InputOf<'meter-values'>,
  { self, token }: { self: QuirkSelf; token: IdToken },
): void {
  const told = samples.findLast(({ registerWh }) => registerWh !== undefined)
  if (!seen.charging || told?.registerWh === undefined || self.runningAt(evse) !== null) return
  seen.first ??= told
  const { registerWh: meterStartWh, time } = seen.first
  if (meterStartWh === undefined || told.registerWh <= meterStartWh) return
  self.log.warn({ station, evse }, 'a start that was not told is inferred')
  void self.submit({
    type: 'transaction-started',
    ...{ station, evse, connector: 1, idToken: token, meterStartWh, time },
  })
}
