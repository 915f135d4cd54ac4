import { as, type IdToken, type TransactionId } from '@busbar/model/ids.ts'
import type { InputOf } from '../../../domain/inputs.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { stationTime } from '../station-time.ts'
import { numberOf, objectsOf, textOf } from '../tolerant.ts'
import { inferStart } from './infer-start.ts'
import type { Handle, Handlings, Quirk, QuirkSelf } from './quirk.ts'

/** The transaction group: what a station calls its transactions, and how it tells of them. */
export const TRANSACTION_QUIRKS = {
  'transaction.none-ids': {
    how: 'These numbers name no transaction; 0, -1 and 2^63-1 do so from no station.',
    make: (ids) => ({
      handles: (call, usual) => (names(call, ids) ? usual(unnamed(call)) : usual(call)),
    }),
  },
  'transaction.stop-ids-ignored': {
    how: 'A stop of one of these numbers is kept as an orphan and ends nothing.',
    make: stopsNothing,
  },
  'transaction.local-ids': {
    how: 'Its own names of transactions are learnt from its values, and it is spoken to by them.',
    make: (on) => (on ? localNames() : {}),
  },
  'transaction.infer-start': {
    how: 'A start that was not told is inferred from the state Charging with a growing register; room is kept for it at all times.',
    make: (on) => (on ? inferStart() : {}),
  },
  'transaction.never-refuse': {
    how: 'A start is answered Accepted; a token that may not charge is stopped from here.',
    make: (on) => (on ? { handles: neverRefused } : {}),
  },
  'transaction.start-means-stop': {
    how: 'A start without a register while a transaction runs there is its stop.',
    make: (on) => (on ? startIsStop() : {}),
  },
} as const satisfies Handlings

const names = ({ payload }: StationCall, ids: readonly (string | number)[]): boolean =>
  payload.transactionId !== undefined &&
  ids.some(
    (id) => String(id) === textOf(payload.transactionId) || Number(id) === numberOf(payload.transactionId),
  )

function unnamed(call: StationCall): StationCall {
  const { transactionId: _id, ...payload } = call.payload
  return { ...call, payload }
}

/** No transaction has this name, so a stop of it is kept and bound to none. */
const NOBODYS = as<TransactionId>('0')

function stopsNothing(ids: readonly number[]): Quirk {
  let ignoring = false
  return {
    handles(call, usual) {
      ignoring = call.action === 'StopTransaction' && names(call, ids)
      const reply = usual(call)
      ignoring = false
      return reply
    },
    means: (input) =>
      ignoring && input.type === 'transaction-ended' ? { ...input, transaction: NOBODYS } : input,
  }
}

/** Ours by the connector that it runs on; theirs by the values of that connector. */
function localNames(): Quirk {
  const ours = new Map<number, number>()
  return {
    handles(call, usual, { runningAt }) {
      const local = numberOf(call.payload.transactionId)
      const running = numberOf(runningAt(numberOf(call.payload.connectorId) ?? 0))
      if (call.action === 'MeterValues' && local !== null && running !== null) ours.set(local, running)
      const known = local === null ? undefined : ours.get(local)
      if (known === undefined) return usual(unnamed(call))
      return usual({ ...call, payload: { ...call.payload, transactionId: known } })
    },
    says(said) {
      const theirs = (id: unknown) => [...ours].find(([, our]) => our === numberOf(id))?.[0]
      const [profile] = objectsOf(said.payload.csChargingProfiles)
      const named = theirs(said.payload.transactionId)
      if (named !== undefined) return { ...said, payload: { ...said.payload, transactionId: named } }
      const bound = profile === undefined ? undefined : theirs(profile.transactionId)
      if (bound === undefined) return said
      const csChargingProfiles = { ...profile, transactionId: bound }
      return { ...said, payload: { ...said.payload, csChargingProfiles } }
    },
  }
}

async function neverRefused(call: StationCall, usual: Handle): Promise<Reply> {
  const reply = await usual(call)
  if (call.action !== 'StartTransaction') return reply
  return { ...reply, answer: { ...reply.answer, idTagInfo: { status: 'Accepted' } } }
}

/** Messages of one station remembered: more than it sends again after it was away. */
const REMEMBERED = 300

/**
 * A station sends what was not answered again, on its next connection: what was a start then is that start again, and
 * what was a stop is the stop of the same transaction.
 */
function startIsStop(): Quirk {
  const known = new Map<string, 'start' | number>()
  const meaningOf = ({ payload }: StationCall, self: QuirkSelf): 'start' | number => {
    const key = businessKeyOf(payload)
    const before = key === null ? undefined : known.get(key)
    if (before !== undefined) return before
    const bare = (numberOf(payload.meterStart) ?? 0) <= 0
    const ends = bare ? numberOf(self.runningAt(numberOf(payload.connectorId) ?? 0)) : null
    const meaning = ends ?? 'start'
    if (key !== null) known.set(key, meaning)
    const oldest = known.keys().next()
    if (known.size > REMEMBERED && !oldest.done) known.delete(oldest.value)
    return meaning
  }
  return {
    handles(call, usual, self) {
      if (call.action !== 'StartTransaction') return usual(call)
      const meaning = meaningOf(call, self)
      return meaning === 'start' ? usual(call) : stopped(call, meaning, self)
    },
  }
}

/** What makes two messages the same, where they say when they were. */
function businessKeyOf({ connectorId, timestamp, idTag }: StationCall['payload']): string | null {
  const time = textOf(timestamp)
  return time === null ? null : JSON.stringify([numberOf(connectorId), time, textOf(idTag)])
}

function stopped(call: StationCall, transactionId: number, { station, submit }: QuirkSelf): Reply {
  const { payload, receivedAt, text: record } = call
  const idTag = textOf(payload.idTag)
  const input: InputOf<'transaction-ended'> = {
    type: 'transaction-ended',
    station,
    transaction: as<TransactionId>(String(transactionId)),
    meterStopWh: null,
    idToken: idTag === null ? null : as<IdToken>(idTag),
    reason: 'Other',
    samples: [],
    time: stationTime(textOf(payload.timestamp), receivedAt, 'report'),
    record,
  }
  return { answer: { transactionId, idTagInfo: { status: 'Accepted' } }, durable: submit(input).durable }
}
