import type { Timer } from '@busbar/model/clock.ts'
import { seconds } from '@busbar/units/time.ts'
import type { StationAnswer } from '../../../domain/commands.ts'
import type { Handlings, Quirk } from './quirk.ts'

/** The boot group: how a station begins. */
export const BOOT_QUIRKS = {
  'boot.allow-empty-vendor': {
    how: 'A BootNotification without a vendor is accepted, as from every known station.',
  },
  'boot.trigger-after-s': {
    how: 'A station that does not say on connecting what it is is asked for it after this time.',
    make: askForBoot,
  },
  'boot.wait-s': {
    how: 'After connecting, only limits are sent until it has booted or this time is over.',
    make: waitForBoot,
  },
} as const satisfies Handlings

function askForBoot(afterS: number): Quirk {
  let timer: Timer | null = null
  const stop = () => {
    timer?.cancel()
    timer = null
  }
  return {
    opened({ clock, ask }) {
      stop()
      timer = clock.timer(seconds(afterS), () => {
        timer = null
        const options = { priority: 'poll', deadline: seconds(30) } as const
        void ask({ kind: 'trigger', message: 'BootNotification', evse: null }, options)
      })
    },
    booted: stop,
    closed: stop,
  }
}

/** What is lost with the connection meanwhile was never sent. A limit does not wait: it may be a decrease. */
function waitForBoot(forS: number): Quirk {
  let wait: { readonly over: Promise<boolean>; end(open: boolean): void } | null = null
  return {
    opened({ clock }) {
      wait?.end(false)
      const { promise: over, resolve } = Promise.withResolvers<boolean>()
      const timer = clock.timer(seconds(forS), () => wait?.end(true))
      const end = (open: boolean) => {
        timer.cancel()
        wait = null
        resolve(open)
      }
      wait = { over, end }
    },
    booted: () => wait?.end(true),
    closed: () => wait?.end(false),
    sends: (command, usual, _self, { priority }) =>
      wait === null || priority === 'limit'
        ? usual(command)
        : wait.over.then((open) => (open ? usual(command) : GONE)),
  }
}

const GONE: StationAnswer = { status: 'not-sent', reason: 'offline' }
