import { as, type IdToken } from '@busbar/model/ids.ts'
import { between, type Monotonic, minutes, seconds } from '@busbar/units/time.ts'
import type { Input, InputOf } from '../../../domain/inputs.ts'
import { EvseOf } from './evse-of.ts'
import type { Quirk, QuirkSelf } from './quirk.ts'

/** A station that was asked to start and has not by now has given up. */
const WAITS = minutes(5)

interface Meant {
  readonly token: IdToken
  readonly at: Monotonic
}

/** Whom a running transaction is booked on; `stated` tells its own start said again from a new one. */
interface Booked {
  readonly token: IdToken
  readonly stated: string | null
}

type Started = InputOf<'transaction-started' | 'transaction-event'>

/**
 * A station that starts for the token in its own key alone. Each start from here is for one driver at one EVSE: it is
 * booked on him once, within a few minutes. Later starts for the station's token are nobody's.
 */
export function fromKey(key: string): Quirk {
  let own: IdToken | null = null
  const drivers = new Drivers()
  return {
    booted({ ask }) {
      const options = { priority: 'poll', deadline: seconds(30) } as const
      void ask({ kind: 'get-variables', names: [key] }, options).then((answer) => {
        const value = answer.status === 'accepted' ? answer.variables?.[0]?.value : null
        if (value) own = as<IdToken>(value)
      })
    },
    async sends(command, usual, self) {
      if (command.kind !== 'request-start' || own === null) return usual(command)
      const forget = drivers.mean(command.evse, { token: command.idToken, at: self.clock.monotonic() })
      const answer = await usual({ ...command, idToken: own })
      if (answer.status === 'rejected' || answer.status === 'not-sent') forget()
      return answer
    },
    means(input, self) {
      const driver = own === null ? null : drivers.of(input, { own, self })
      return driver === null ? input : ({ ...input, idToken: driver } as Input)
    },
  }
}

class Drivers {
  readonly #meant = new Map<number, Meant>()
  readonly #booked = new Map<number, Booked>()
  readonly #evses = new EvseOf()

  /** @returns undoes it */
  mean(evse: number, meant: Meant): () => void {
    this.#meant.set(evse, meant)
    return () => {
      if (this.#meant.get(evse) === meant) this.#meant.delete(evse)
    }
  }

  /** The driver who is meant by the station's own token in an input; null where it is not in there, or nobody is. */
  of(input: Input, { own, self }: { own: IdToken; self: QuirkSelf }): IdToken | null {
    this.#expire(self.clock.monotonic())
    if (!('idToken' in input)) return null
    const token = input.type === 'authorize' ? this.#awaited() : this.#atEvse(input, self)
    return input.idToken === own ? token : null
  }

  /** It names no EVSE: with two drivers awaited, nobody can say which one is asked for. */
  #awaited(): IdToken | null {
    const [one, ...others] = this.#meant.values()
    return others.length === 0 ? (one?.token ?? null) : null
  }

  #atEvse(input: Input, self: QuirkSelf): IdToken | null {
    const evse = this.#evses.of(input, self)
    if (evse === null) return null
    if (input.type === 'transaction-started') this.#begin(evse, input)
    if (input.type === 'transaction-event' && input.kind === 'Started') this.#begin(evse, input)
    return this.#booked.get(evse)?.token ?? null
  }

  /** The same start said again is for the same driver, or it would be another start. */
  #begin(evse: number, { time: { stated } }: Started): void {
    const booked = this.#booked.get(evse)
    if (booked !== undefined && stated !== null && booked.stated === stated) return
    const meant = this.#meant.get(evse)
    this.#meant.delete(evse)
    if (meant === undefined) this.#booked.delete(evse)
    else this.#booked.set(evse, { token: meant.token, stated })
  }

  #expire(now: Monotonic): void {
    for (const [evse, { at }] of this.#meant) if (between(at, now) > WAITS) this.#meant.delete(evse)
  }
}
