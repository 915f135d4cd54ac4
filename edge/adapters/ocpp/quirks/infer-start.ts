import { as, type IdToken } from '@busbar/model/ids.ts'
import { between, type Monotonic, minutes } from '@busbar/units/time.ts'
import type { EvseSample, InputOf } from '../../../domain/inputs.ts'
import { EvseOf } from './evse-of.ts'
import type { Quirk, QuirkSelf } from './quirk.ts'

interface Seen {
  /** It has said that it charges, and nothing else since. */
  charging: boolean
  /** The first sample with a register since it charges. */
  first: EvseSample | null
}

/** A token that was asked for and has started nothing by now has started nothing. */
const WAITS = minutes(5)

/**
 * A transaction of which only the state Charging and a growing register tell. It is opened from the first register, for
 * the token that was last asked for at this EVSE, or else that last asked at the station.
 */
export function inferStart(): Quirk {
  const evses = new EvseOf()
  const seen = new Map<number, Seen>()
  const tokens = new Tokens()
  const of = (evse: number): Seen => {
    const known = seen.get(evse) ?? { charging: false, first: null }
    seen.set(evse, known)
    return known
  }
  return {
    sends(command, usual, { clock }) {
      if (command.kind === 'request-start')
        tokens.sent(command.evse, { token: command.idToken, at: clock.monotonic() })
      return usual(command)
    },
    means(input, self) {
      const evse = evses.of(input, self)
      if (input.type === 'authorize') tokens.shown = input.idToken
      // A stop that fits nothing is of the only EVSE there is, or of nobody's.
      if (input.type === 'transaction-ended' && (evse !== null || seen.size === 1))
        seen.delete(evse ?? [...seen.keys()][0] ?? 0)
      if (input.type === 'connector-status' && input.evse !== 0) hearState(of(input.evse), input)
      if (input.type === 'meter-values' && input.evse !== 0)
        hearValues(of(input.evse), input, { self, tokens })
      return input
    },
  }
}

class Tokens {
  /** At the station, whichever EVSE was meant. */
  shown = as<IdToken>('')
  readonly #sent = new Map<number, { readonly token: IdToken; readonly at: Monotonic }>()

  sent(evse: number, of: { readonly token: IdToken; readonly at: Monotonic }): void {
    this.#sent.set(evse, of)
  }

  /** The one that a start at this EVSE is for; it starts no more than one. */
  take(evse: number, now: Monotonic): IdToken {
    const sent = this.#sent.get(evse)
    this.#sent.delete(evse)
    return sent !== undefined && between(sent.at, now) <= WAITS ? sent.token : this.shown
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
  { self, tokens }: { self: QuirkSelf; tokens: Tokens },
): void {
  const told = samples.findLast(({ registerWh }) => registerWh !== undefined)
  if (!seen.charging || told?.registerWh === undefined || self.runningAt(evse) !== null) return
  seen.first ??= told
  const { registerWh: meterStartWh, time } = seen.first
  if (meterStartWh === undefined || told.registerWh <= meterStartWh) return
  const idToken = tokens.take(evse, self.clock.monotonic())
  self.log.warn({ station, evse }, 'a start that was not told is inferred')
  void self.submit({
    type: 'transaction-started',
    ...{ station, evse, connector: 1, idToken, meterStartWh, time },
  })
}
