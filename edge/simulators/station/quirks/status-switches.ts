import { status } from '../inbound.ts'
import type { Payload } from '../uplink.ts'
import type { Quirk, QuirkedStation, Said, Switches } from './quirk.ts'

/** The status group: what a station says of its connector. */
export const STATUS_SWITCHES = {
  'status.available-while-plugged': (on) => (on ? seemsFree() : {}),
  'status.ignore-error-in': (states) =>
    ofConnector((payload) =>
      states.some((state) => state === payload.status) ? { ...payload, errorCode: 'OtherError' } : payload,
    ),
  'status.enum-map': (words) =>
    ofConnector(({ status: state, errorCode, ...payload }) => ({
      ...payload,
      status: oddly(words, state),
      errorCode: oddly(words, errorCode),
    })),
  'status.trigger-connector': (which) => ({
    answers: ({ action, payload }, usual) =>
      action === 'TriggerMessage' &&
      payload.requestedMessage === 'StatusNotification' &&
      asks(payload.connectorId) !== which
        ? status('Rejected')
        : usual({ action, payload }),
  }),
  'status.from-data-transfer': () => ({ says: asEvbox }),
} as const satisfies Switches

/** After a transaction it says at once that it is free, with the vehicle still there. */
function seemsFree(): Quirk {
  let told = false
  return {
    ticks(_at, { connector, tell }) {
      const finishing = connector.status === 'Finishing'
      if (finishing && !told)
        tell('StatusNotification', { ...connector.statusPayload(), status: 'Available' })
      told = finishing
    },
  }
}

/** What is said of its connector told otherwise. */
const ofConnector = (told: (payload: Payload, station: QuirkedStation) => Payload): Quirk => ({
  says: (said, station) =>
    said.action === 'StatusNotification' && said.payload.connectorId !== 0
      ? { ...said, payload: told(said.payload, station) }
      : said,
})

/** A word of the standard in the station's own. */
const oddly = (words: Readonly<Record<string, string>>, word: unknown): unknown =>
  Object.entries(words).find(([, standard]) => standard === word)?.[0] ?? word

const asks = (connectorId: unknown): 'none' | 'zero' | 'each' => {
  if (connectorId === undefined) return 'none'
  return connectorId === 0 ? 'zero' : 'each'
}

/** A state goes in a list of values, split by commas, of which the first ones are the standard's. */
function asEvbox(said: Said): Said {
  const { connectorId, status: state, errorCode } = said.payload
  if (said.action !== 'StatusNotification' || connectorId === 0) return said
  const data = [connectorId, state, errorCode, 'No error.', 0, 'Yellow', 1, '{20,8016,10}'].join(',')
  return {
    action: 'DataTransfer',
    payload: { vendorId: 'EV-BOX', messageId: 'evbStatusNotification', data },
  }
}
