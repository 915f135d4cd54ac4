import { between, type Instant, seconds } from '@busbar/units/time.ts'
import { autoStart } from './auto-start.ts'
import { neverZero } from './profile.ts'
import { type Handlings, type Quirk, rejected } from './quirk.ts'

/** The groups start and stop: how transactions are begun and ended from here. */
export const START_QUIRKS = {
  'start.connector': {
    how: 'A start names its connector, for every station; where 0 means any, a start without one says 0.',
    make: (how) => (how === 'zero-when-none' ? zeroForAny() : {}),
  },
  'start.auto': {
    how: 'Whatever is plugged in is started from here, for the identity of the station as a token; room is kept at all times, should it start by itself.',
    make: (on) => (on ? autoStart() : {}),
  },
  'start.min-delay-s': {
    how: 'A start sooner than that after a stop from here is refused, and says when it may be.',
    make: notTooSoon,
  },
  'stop.by': {
    how: 'Where a remote stop leaves it stuck, charging is interrupted by limits alone, as everywhere; where only that stops it, a limit of 0 is said as a stop.',
    make: (by) => (by === 'remote-stop' ? neverZero() : {}),
  },
} as const satisfies Handlings

/** The standard has no start at any connector but one that names none, and here that is 0. */
const zeroForAny = (): Quirk => ({
  sends(command, usual) {
    if (command.kind !== 'request-start' || command.evse !== 0) return usual(command)
    const payload = { connectorId: 0, idTag: command.idToken }
    return usual({ kind: 'raw', action: 'RemoteStartTransaction', payload })
  },
})

function notTooSoon(waitS: number): Quirk {
  let stoppedAt: Instant | null = null
  return {
    async sends(command, usual, { clock }) {
      if (command.kind === 'request-stop') {
        const answer = await usual(command)
        if (answer.status !== 'rejected') stoppedAt = clock.now()
        return answer
      }
      const left = stoppedAt === null ? 0 : seconds(waitS) - between(stoppedAt, clock.now())
      if (command.kind !== 'request-start' || left <= 0) return usual(command)
      return rejected(
        `this model fails when it is started so soon after a stop; in ${Math.ceil(left / 1000)} s it may be`,
      )
    },
  }
}
