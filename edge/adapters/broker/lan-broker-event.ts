import type { Clock } from '@busbar/model/clock.ts'
import { between, type Monotonic, seconds } from '@busbar/units/time.ts'

/** Something a person may want to know of. `device` is empty for one that has not signed in; `detail` is one line. */
export interface LanBrokerEvent {
  readonly kind: 'connected' | 'disconnected' | 'denied' | 'failed'
  readonly device: string
  readonly detail: string
}

const DETAIL_LENGTH = 160
const SPACING = seconds(10)
const REMEMBERED = 256

type Told = LanBrokerEvent & { readonly address: string }

/**
 * Tells the first refusal of its kind from an address at once and those that follow as a number, so that nobody can
 * fill the log by being refused.
 */
export function quieted(clock: Clock, tell: (event: LanBrokerEvent) => void): (event: Told) => void {
  const seen = new Map<string, { at: Monotonic; more: number }>()
  return ({ address, kind, device, detail }) => {
    const cut = detail.slice(0, DETAIL_LENGTH)
    if (kind !== 'denied') return tell({ kind, device, detail: cut })
    const key = `${address} ${device} ${detail.split(' ', 1)}`
    const last = seen.get(key)
    if (last && between(last.at, clock.monotonic()) < SPACING) return void last.more++
    if (seen.size > REMEMBERED) seen.clear()
    seen.set(key, { at: clock.monotonic(), more: 0 })
    const more = last?.more ? `; ${last.more} more like it` : ''
    tell({ kind, device, detail: `${cut} from ${address}${more}` })
  }
}
