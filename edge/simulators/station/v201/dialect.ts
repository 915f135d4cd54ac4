import { z } from 'zod'
import type { Random } from '../../random.ts'
import type { Call, CallOutcome } from '../calls.ts'
import type { Dialect } from '../dialect.ts'
import type { CallAnswer, StationParts } from '../inbound.ts'
import type { Transaction, TransactionEvent, TransactionReport } from '../transaction-queue.ts'
import type { Payload } from '../uplink.ts'
import { answerCall201 } from './inbound.ts'
import { chargingState, connectorStatus, meterValues, register, stoppedReason, token } from './to-wire.ts'

const Told = z.object({ idTokenInfo: z.object({ status: z.string() }) })

/** What was said of a token, as 1.6 has it. */
const tokenTold = (payload: unknown): Payload => {
  const told = Told.safeParse(payload)
  return told.success ? { idTagInfo: { status: told.data.idTokenInfo.status } } : {}
}

/** OCPP 2.0.1, and 2.1 as far as it is the same. */
export class Dialect201 implements Dialect {
  readonly subprotocol: string
  readonly tellsStates = true
  readonly #version: '2.0.1' | '2.1'
  readonly #identity: string
  readonly #random: Random
  readonly #numbers = new WeakMap<Transaction, number>()
  #names = 0
  #status: string | null = null

  constructor(version: '2.0.1' | '2.1', { identity, random }: { identity: string; random: Random }) {
    this.#version = version
    this.subprotocol = `ocpp${version}`
    this.#identity = identity
    this.#random = random
  }

  opened(): void {
    this.#status = null
  }

  said(call: Call): Call | null {
    const { action, payload, done } = call
    if (action === 'BootNotification') return { ...call, payload: boot(payload) }
    if (action === 'Authorize') {
      const heard = (outcome: CallOutcome) => done(answeredWith(outcome, tokenTold))
      return { ...call, payload: { idToken: token(String(payload.idTag)) }, done: heard }
    }
    if (action === 'MeterValues')
      return {
        ...call,
        payload: { evseId: payload.connectorId, meterValue: meterValues(payload.meterValue) },
      }
    if (action === 'SignedFirmwareStatusNotification')
      return { ...call, action: 'FirmwareStatusNotification' }
    return action === 'StatusNotification' ? this.#statusCall(call) : call
  }

  event(
    { kind, transaction }: TransactionReport,
    { status, online }: Parameters<Dialect['event']>[1],
  ): TransactionEvent {
    transaction.id ??= this.#newName()
    const seqNo = this.#numbers.get(transaction) ?? 0
    this.#numbers.set(transaction, seqNo + 1)
    const state = kind === 'start' ? 'EVConnected' : kind === 'stop' ? 'Idle' : chargingState(status)
    return { seqNo, offline: !online, chargingState: state }
  }

  reported(report: TransactionReport, call: Call): Call {
    const { transaction } = report
    const heard = (outcome: CallOutcome) =>
      call.done(
        answeredWith(outcome, (payload) => ({ ...tokenTold(payload), transactionId: transaction.id })),
      )
    return { ...call, action: 'TransactionEvent', payload: eventPayload(report), done: heard }
  }

  answerCall(station: StationParts, action: string, payload: unknown): CallAnswer {
    return answerCall201(station, { action, payload, version: this.#version })
  }

  /** Only connectors have a status, and it is told when its word changes. */
  #statusCall(call: Call): Call | null {
    const { connectorId, status, timestamp } = call.payload
    if (connectorId === 0) return null
    const word = connectorStatus(String(status))
    if (word === this.#status) return null
    this.#status = word
    return { ...call, payload: { timestamp, connectorStatus: word, evseId: connectorId, connectorId: 1 } }
  }

  #newName(): string {
    const salt = Math.floor(this.#random.next() * 36 ** 6).toString(36)
    return `${this.#identity}-${++this.#names}-${salt}`.slice(-36)
  }
}

const boot = (payload: Payload): Payload => ({
  reason: 'PowerUp',
  chargingStation: {
    vendorName: payload.chargePointVendor,
    model: payload.chargePointModel,
    serialNumber: payload.chargePointSerialNumber,
    firmwareVersion: payload.firmwareVersion,
  },
})

const answeredWith = (outcome: CallOutcome, read: (payload: unknown) => Payload): CallOutcome =>
  outcome.status === 'answered' ? { status: 'answered', payload: read(outcome.payload) } : outcome

function eventPayload({ kind, transaction, payload, event }: TransactionReport): Payload {
  const { timestamp, meterStart, meterStop, reason, reservationId } = payload
  const info = { transactionId: transaction.id, chargingState: event?.chargingState }
  const common = { seqNo: event?.seqNo, offline: event?.offline }
  if (kind === 'start')
    return {
      ...common,
      eventType: 'Started',
      triggerReason: 'Authorized',
      timestamp,
      transactionInfo: info,
      evse: { id: 1, connectorId: 1 },
      idToken: token(transaction.idToken),
      meterValue: register(meterStart, timestamp, 'Transaction.Begin'),
      ...(reservationId === undefined ? {} : { reservationId }),
    }
  if (kind === 'stop')
    return {
      ...common,
      eventType: 'Ended',
      triggerReason: reason === 'EVDisconnected' ? 'EVDeparted' : 'StopAuthorized',
      timestamp,
      transactionInfo: { ...info, stoppedReason: stoppedReason(reason) },
      meterValue: register(meterStop, timestamp, 'Transaction.End'),
    }
  const values = meterValues(payload.meterValue)
  return {
    ...common,
    eventType: 'Updated',
    triggerReason: values.length === 0 ? 'ChargingStateChanged' : 'MeterValuePeriodic',
    timestamp: values[0]?.timestamp ?? timestamp,
    transactionInfo: info,
    ...(values.length === 0 ? {} : { meterValue: values }),
  }
}
