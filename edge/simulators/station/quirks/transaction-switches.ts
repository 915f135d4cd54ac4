import { z } from 'zod'
import { status } from '../inbound.ts'
import type { Transaction } from '../transaction-queue.ts'
import type { Quirk, Switches } from './quirk.ts'

/** The groups start, stop and transaction: how transactions begin and end, and what they are called. */
export const TRANSACTION_SWITCHES = {
  'start.connector': (how) => needsConnector(how === 'zero-when-none'),
  'start.auto': (on) => (on ? waitsForStart() : {}),
  'start.min-delay-s': failsSoonAfterStop,
  'stop.by': (by) => (by === 'limit' ? stuckAfterStop() : ignoresStop()),
  'transaction.none-ids': ([id]) => namesInValues(Number(id)),
  'transaction.stop-ids-ignored': ([id]) => stopsNothing(Number(id)),
  'transaction.local-ids': (on) => (on ? namesItself() : {}),
  'transaction.infer-start': (on) =>
    on ? { tells: (report) => (report.kind === 'start' ? [] : [report]) } : {},
  'transaction.never-refuse': (on) => (on ? confusedByRefusal() : {}),
  'transaction.start-means-stop': (on) => (on ? tellsStartForStop() : {}),
} as const satisfies Switches

const REMOTE_START = /^(Remote|Request)StartTransaction$/
const REMOTE_STOP = /^(Remote|Request)StopTransaction$/

/** Rejects a start that names no connector, by number, or by 0 where none is meant. */
function needsConnector(zeroMeansNone: boolean): Quirk {
  return {
    answers(asked, usual) {
      if (!REMOTE_START.test(asked.action)) return usual(asked)
      const { connectorId, ...rest } = asked.payload
      if (connectorId === undefined && !('evseId' in rest)) return status('Rejected')
      return zeroMeansNone && connectorId === 0 ? usual({ ...asked, payload: rest }) : usual(asked)
    },
  }
}

/** Nobody presents a token there: it waits for a start from the CSMS. */
const waitsForStart = (): Quirk => ({ says: (said) => (said.action === 'Authorize' ? null : said) })

/** Accepts a start too soon after a stop, does not charge and drops off the network for a minute. */
function failsSoonAfterStop(seconds: number): Quirk {
  let stoppedAt = Number.NEGATIVE_INFINITY
  return {
    answers(asked, usual, station) {
      if (REMOTE_STOP.test(asked.action)) stoppedAt = station.now()
      const soon = station.now() - stoppedAt < seconds * 1000
      if (!REMOTE_START.test(asked.action) || !soon) return usual(asked)
      return status('Accepted', () => station.later(1, () => station.hangUp(60)))
    },
  }
}

/** Takes no start after a remote stop until the vehicle has been unplugged. */
function stuckAfterStop(): Quirk {
  let stuck: object | null = null
  return {
    answers(asked, usual, { connector }) {
      if (REMOTE_STOP.test(asked.action)) stuck = connector.vehicle
      const refuses = REMOTE_START.test(asked.action) && stuck !== null && stuck === connector.vehicle
      return refuses ? status('Rejected') : usual(asked)
    },
  }
}

/** A limit of 0 is taken and does nothing: only a stop ends the charge. */
const ignoresStop = (): Quirk => ({
  offers: (limit, { rating }) => (limit === 0 ? (rating.kind === 'ac' ? 6 : rating.value / 10) : limit),
})

/** Values name a transaction that there is not. */
const namesInValues = (id: number): Quirk => ({
  says: (said) =>
    said.action === 'MeterValues' ? { ...said, payload: { ...said.payload, transactionId: id } } : said,
})

/** Once in each transaction it sends a stop that belongs to none. */
function stopsNothing(id: number): Quirk {
  let told: Transaction | null = null
  return {
    ticks(at, { connector, tell }) {
      const { transaction } = connector
      if (transaction === null || transaction === told || at - transaction.startedAt < 20_000) return
      told = transaction
      const timestamp = new Date(at).toISOString()
      tell('StopTransaction', { transactionId: id, meterStop: 0, timestamp })
    },
  }
}

/** Calls its transactions -1001, -1002 and so on, whatever number it was given, and knows them by no other. */
function namesItself(): Quirk {
  const seen = new Set<Transaction>()
  const nameOf = ({ localId }: Transaction): number => -1000 - localId
  return {
    tells(report) {
      seen.add(report.transaction)
      return [report]
    },
    says(said) {
      const known = [...seen].find(({ id }) => id !== null && id === said.payload.transactionId)
      return known === undefined
        ? said
        : { ...said, payload: { ...said.payload, transactionId: nameOf(known) } }
    },
    answers(asked, usual, { connector }) {
      const { transaction } = connector
      const meant = (id: unknown) => (transaction !== null && id === nameOf(transaction) ? transaction.id : 0)
      const { csChargingProfiles: profile, transactionId } = asked.payload
      if (transactionId !== undefined)
        return usual({ ...asked, payload: { ...asked.payload, transactionId: meant(transactionId) } })
      const bound = z.looseObject({ transactionId: z.number() }).safeParse(profile)
      if (!bound.success) return usual(asked)
      const csChargingProfiles = { ...bound.data, transactionId: meant(bound.data.transactionId) }
      return usual({ ...asked, payload: { ...asked.payload, csChargingProfiles } })
    },
  }
}

const Refusable = z.object({ transactionId: z.number(), idTagInfo: z.object({ status: z.string() }) })

/** The stop of a transaction whose token was refused names none. */
function confusedByRefusal(): Quirk {
  const refused = new Set<unknown>()
  return {
    hears(said, answer) {
      const read = said.action === 'StartTransaction' ? Refusable.safeParse(answer) : null
      if (read?.success && read.data.idTagInfo.status !== 'Accepted') refused.add(read.data.transactionId)
    },
    says: (said) =>
      said.action === 'StopTransaction' && refused.has(said.payload.transactionId)
        ? { ...said, payload: { ...said.payload, transactionId: -1 } }
        : said,
  }
}

/** Where a stop is due it tells a start without a register. */
const tellsStartForStop = (): Quirk => ({
  tells(report) {
    const { kind, payload, transaction } = report
    if (kind !== 'stop') return [report]
    const { timestamp } = payload
    const start = { connectorId: 1, idTag: transaction.idToken, meterStart: 0, timestamp }
    return [{ ...report, kind: 'start', payload: start }]
  },
})
