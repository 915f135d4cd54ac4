import { once } from 'node:events'
import { minutes, seconds, toIso } from '@busbar/units/time.ts'
import { OCPP20, OCPP21 } from 'typed-ocpp'
import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { SECRET } from '../depot-of.ts'
import type { TestDepot } from '../test-depot.ts'
import { download, type ForeignStation } from './foreign-station.ts'

type Payload = Readonly<Record<string, unknown>>
interface Profile {
  readonly chargingProfilePurpose: string
  readonly transactionId?: string
  readonly chargingSchedule: readonly [
    { readonly chargingSchedulePeriod: readonly [{ readonly limit: number }] },
  ]
}

const LIBRARIES = { 'ocpp2.0.1': OCPP20, 'ocpp2.1': OCPP21 } as const

/** OCPP 2.0.1 and 2.1; typed-ocpp checks what it says and hears against the schemas, in both directions. */
export class TypedOcppStation implements ForeignStation {
  readonly limitsA: number[] = []
  readonly reservedFor: string[] = []
  readonly firmware: string[] = []
  readonly faults: string[] = []
  readonly transactionId = 'foreign-tx-1'
  running = false
  registerWh = 5000
  #defaultA = 32
  #limitA: number | null = null
  #seqNo = 0
  #calls = 0
  #socket!: WebSocket
  readonly #test: TestDepot
  readonly #protocol: keyof typeof LIBRARIES
  readonly #library: typeof OCPP20
  readonly #waiting = new Map<string, { call: unknown; done(answer: Payload): void }>()

  constructor(test: TestDepot, protocol: keyof typeof LIBRARIES) {
    this.#test = test
    this.#protocol = protocol
    // Both have the same functions; what differs is the schemas behind them.
    this.#library = LIBRARIES[protocol] as typeof OCPP20
  }

  get drawA(): number {
    return this.running ? (this.#limitA ?? this.#defaultA) : 0
  }

  async connect(): Promise<void> {
    const basic = Buffer.from(`FOREIGN:${SECRET}`).toString('base64')
    this.#socket = new WebSocket(`${this.#test.edge.ocppAddress}/ocpp/FOREIGN`, [this.#protocol], {
      headers: { authorization: `Basic ${basic}` },
    })
    this.#socket.on('message', (data) => this.#heard(JSON.parse(String(data))))
    await once(this.#socket, 'open')
  }

  close(): void {
    this.#socket.close()
  }

  /** The library has to find the call valid before it leaves, and the answer when it comes. */
  call(action: string, payload: object): Promise<Payload> {
    const id = `f-${++this.#calls}`
    const call = [2, id, action, payload]
    expect(this.#library.validate(call), `${action}: ${this.#library.validate.errors}`).toBe(true)
    this.#socket.send(JSON.stringify(call))
    return new Promise((done) => this.#waiting.set(id, { call, done }))
  }

  async start(): Promise<void> {
    const station = { vendorName: 'Other maker', model: 'X1' }
    const booted = await this.call('BootNotification', { reason: 'PowerUp', chargingStation: station })
    expect(booted).toMatchObject({ status: 'Accepted' })
    await this.#status('Available')
    await this.#test.pass(seconds(10))
    await this.#status('Occupied')
    const idToken = { idToken: 'TAG-bus', type: 'Central' }
    const authorized = this.call('Authorize', { idToken })
    let answered = false
    void authorized.then(() => {
      answered = true
    })
    await this.#test.until('the token is decided on', () => answered, minutes(1))
    expect(await authorized).toMatchObject({ idTokenInfo: { status: 'Accepted' } })
    this.running = true
    const started = await this.#event('Started', 'Authorized', { evse: { id: 1, connectorId: 1 }, idToken })
    expect(started).toMatchObject({ idTokenInfo: { status: 'Accepted' } })
  }

  /** Five seconds of charging, then its values. */
  async charge(): Promise<void> {
    await this.#test.pass(seconds(5))
    this.registerWh += Math.round((3 * 230 * this.drawA * 5) / 3600)
    await this.#event('Updated', 'MeterValuePeriodic', {})
  }

  async stop(): Promise<void> {
    this.running = false
    await this.#event('Ended', 'StopAuthorized', {})
    await this.#status('Available')
  }

  #status(connectorStatus: string): Promise<Payload> {
    return this.call('StatusNotification', {
      timestamp: this.#now,
      connectorStatus,
      evseId: 1,
      connectorId: 1,
    })
  }

  #event(eventType: string, triggerReason: string, more: object): Promise<Payload> {
    const ended = eventType === 'Ended'
    return this.call('TransactionEvent', {
      eventType,
      triggerReason,
      timestamp: this.#now,
      seqNo: this.#seqNo++,
      transactionInfo: {
        transactionId: this.transactionId,
        chargingState: ended ? 'EVConnected' : 'Charging',
        ...(ended ? { stoppedReason: 'Local' } : {}),
      },
      meterValue: [{ timestamp: this.#now, sampledValue: this.#values() }],
      ...more,
    })
  }

  #values(): object[] {
    const phase = (name: string) => ({
      value: this.drawA,
      measurand: 'Current.Import',
      phase: name,
      unitOfMeasure: { unit: 'A' },
    })
    return [
      { value: this.registerWh / 1000, unitOfMeasure: { unit: 'Wh', multiplier: 3 } },
      { value: 3 * 230 * this.drawA, measurand: 'Power.Active.Import', unitOfMeasure: { unit: 'W' } },
      ...['L1', 'L2', 'L3'].map(phase),
    ]
  }

  #heard(message: unknown): void {
    if (!this.#library.validate(message)) {
      this.faults.push(`${JSON.stringify(message)}: ${this.#library.validate.errors}`)
      return
    }
    if (this.#library.isCall(message)) {
      const [, id, action, payload] = message
      this.#socket.send(JSON.stringify([3, id, this.#answer(action, payload as unknown as Payload)]))
      return
    }
    const waiting = this.#waiting.get(message[1])
    if (!this.#library.isCallResult(message) || waiting === undefined) {
      this.faults.push(JSON.stringify(message))
      return
    }
    if (!this.#library.checkCallResult(message, waiting.call as OCPP20.Call))
      this.faults.push(JSON.stringify(message))
    waiting.done(message[2] as unknown as Payload)
  }

  #answer(action: string, payload: Payload): Payload {
    if (action === 'SetChargingProfile') return this.#limited(payload)
    if (action === 'ReserveNow') {
      this.reservedFor.push((payload.idToken as { idToken: string }).idToken)
      return { status: 'Accepted' }
    }
    if (action === 'UpdateFirmware') {
      const { location } = payload.firmware as { location: string }
      void this.#update(location, payload.requestId)
      return { status: 'Accepted' }
    }
    return { status: action === 'TriggerMessage' ? 'NotImplemented' : 'Rejected' }
  }

  async #update(location: string, requestId: unknown): Promise<void> {
    const tell = (status: string) => this.call('FirmwareStatusNotification', { status, requestId })
    await tell('Downloading')
    this.firmware.push(await download(location))
    for (const status of ['Downloaded', 'SignatureVerified', 'Installing', 'Installed']) await tell(status)
  }

  #limited(payload: Payload): Payload {
    const { chargingProfilePurpose, transactionId, chargingSchedule } = payload.chargingProfile as Profile
    const [{ limit }] = chargingSchedule[0].chargingSchedulePeriod
    if (chargingProfilePurpose === 'TxDefaultProfile') this.#defaultA = limit
    else if (this.running && transactionId === this.transactionId) {
      this.#limitA = limit
      this.limitsA.push(limit)
    } else return { status: 'Rejected' }
    return { status: 'Accepted' }
  }

  get #now(): string {
    return toIso(this.#test.clock.now())
  }
}
