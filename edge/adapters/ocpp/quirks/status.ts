import type { Input, InputOf } from '../../../domain/inputs.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { stationTime } from '../station-time.ts'
import { plainWord, textOf } from '../tolerant.ts'
import { addressOf } from '../v16/addressing.ts'
import { statusOf, UNKNOWN_STATUS } from '../v16/status-notification.ts'
import { EvseOf } from './evse-of.ts'
import type { Handlings, Quirk, QuirkSelf } from './quirk.ts'

/** The status group: what a station says of its connectors. */
export const STATUS_QUIRKS = {
  'status.available-while-plugged': {
    how: 'Available around a stop is taken for a vehicle that is still there, unless the stop says that it left.',
    make: (on) => (on ? stillThere() : {}),
  },
  'status.ignore-error-in': {
    how: 'An error code in one of these states means nothing.',
    make: (states) => ({
      handles(call, usual, { station, log }) {
        const { status, errorCode } = call.payload
        const harmless = states.some((state) => plainWord(state) === plainWord(textOf(status) ?? ''))
        if (call.action !== 'StatusNotification' || !harmless || errorCode === 'NoError') return usual(call)
        log.info({ station, status, errorCode }, 'an error code that means nothing')
        return usual({ ...call, payload: { ...call.payload, errorCode: 'NoError' } })
      },
    }),
  },
  'status.enum-map': {
    how: 'Its own words for states, errors and reasons are read as those of the standard.',
    make: inStandardWords,
  },
  'status.trigger-connector': {
    how: 'Its state is asked for at the connector for which it answers, or without one.',
    make: (which) => ({
      says(said) {
        const { requestedMessage, connectorId: _asked, ...rest } = said.payload
        if (said.action !== 'TriggerMessage' || requestedMessage !== 'StatusNotification' || which === 'each')
          return said
        const at = which === 'zero' ? { connectorId: 0 } : {}
        return { ...said, payload: { ...rest, requestedMessage, ...at } }
      },
    }),
  },
  'status.from-data-transfer': {
    how: 'States that come as a DataTransfer of the vendor are read and answered Accepted.',
    make: () => ({ handles: (call, usual, self) => fromEvbox(call, self) ?? usual(call) }),
  },
} as const satisfies Handlings

/** Words that a station has of its own, wherever it says them. */
function inStandardWords(words: Readonly<Record<string, string>>): Quirk {
  const known = new Map(Object.entries(words).map(([odd, standard]) => [plainWord(odd), standard]))
  return {
    handles(call, usual) {
      const members = ['status', 'errorCode', 'reason'].flatMap((member) => {
        const standard = known.get(plainWord(textOf(call.payload[member]) ?? ''))
        return standard === undefined ? [] : [[member, standard]]
      })
      return usual({ ...call, payload: { ...call.payload, ...Object.fromEntries(members) } })
    },
  }
}

/**
 * While a transaction runs, and after a stop that is not the vehicle's leaving, Available says nothing of the vehicle: it
 * counts as there until the station says anything else, or says Available again without having connected anew.
 */
function stillThere(): Quirk {
  const running = new Set<number>()
  const masked = new Map<number, InputOf<'connector-status'>>()
  let repeated = new Set<number>()
  const stopped = new Set<number>()
  const evses = new EvseOf()
  const ended = (evse: number, self: QuirkSelf, left: boolean) => {
    running.delete(evse)
    if (!left) {
      stopped.add(evse)
      return
    }
    stopped.delete(evse)
    const told = masked.get(evse)
    if (told !== undefined) void self.submit(told)
    masked.delete(evse)
  }
  const hides = (input: InputOf<'connector-status'>): boolean => {
    const { evse, status, chargingState } = input
    // Finishing, as others say for as long as the vehicle stays.
    if (status === 'Occupied' && chargingState === 'Idle') return false
    const again = masked.has(evse) && !repeated.delete(evse)
    const free = status === 'Available'
    if (!free || again) masked.delete(evse)
    if (!free || again) stopped.delete(evse)
    if (!free || again || !(running.has(evse) || stopped.has(evse))) return false
    masked.set(evse, input)
    return true
  }
  return {
    opened: () => {
      repeated = new Set(masked.keys())
    },
    means(input: Input, self) {
      const evse = evses.of(input, self)
      if (evse === null) return input
      if (input.type === 'transaction-started' || input.type === 'transaction-event') running.add(evse)
      const ends = input.type === 'transaction-event' && input.kind === 'Ended'
      if (ends || input.type === 'transaction-ended') ended(evse, self, input.reason === 'EVDisconnected')
      if (input.type !== 'connector-status' || input.evse === 0 || !hides(input)) return input
      return { ...input, status: 'Occupied', chargingState: 'Idle' }
    },
  }
}

/** Connector, state and error code stand first in a list split by commas; null for any other message. */
function fromEvbox(
  { action, payload, station, receivedAt }: StationCall,
  { submit }: QuirkSelf,
): Reply | null {
  if (action !== 'DataTransfer' || payload.messageId !== 'evbStatusNotification') return null
  const [connectorId, word = '', errorCode = ''] = (textOf(payload.data) ?? '').split(',')
  const known = statusOf(word)
  const { durable } = submit({
    type: 'connector-status',
    station,
    ...addressOf(connectorId),
    ...(known ?? UNKNOWN_STATUS),
    errorCode: plainWord(errorCode) === 'noerror' || errorCode === '' ? null : errorCode,
    vendorError: null,
    info: null,
    time: stationTime(null, receivedAt, 'live'),
  })
  return { answer: { status: 'Accepted' }, durable }
}
