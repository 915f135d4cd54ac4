import { once } from 'node:events'
import { minutes, seconds, toIso } from '@busbar/units/time.ts'
import { OcppClient } from 'ocpp-ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SECRET, TestDepot } from './test-depot.ts'

/** A charge point of another maker's client library: three phases, draws what it is offered. */
class ForeignStation {
  readonly client = new OcppClient('FOREIGN')
  readonly limitsA: number[] = []
  readonly #test: TestDepot
  #defaultA = 32
  #limitA: number | null = null
  transaction: number | null = null
  registerWh = 5000

  constructor(test: TestDepot) {
    this.#test = test
    this.client.on('SetChargingProfile', ({ csChargingProfiles: profile }, answer) => {
      const limit = profile.chargingSchedule.chargingSchedulePeriod[0]?.limit
      if (limit === undefined) return answer({ status: 'Rejected' })
      if (profile.chargingProfilePurpose === 'TxDefaultProfile') this.#defaultA = limit
      else if (profile.transactionId === this.transaction) {
        this.#limitA = limit
        this.limitsA.push(limit)
      }
      answer({
        status:
          profile.chargingProfilePurpose === 'TxDefaultProfile' || profile.transactionId === this.transaction
            ? 'Accepted'
            : 'Rejected',
      })
    })
  }

  get drawA(): number {
    return this.transaction === null ? 0 : (this.#limitA ?? this.#defaultA)
  }

  async connect(): Promise<void> {
    this.client.connect(`${this.#test.edge.ocppAddress}/ocpp/`, {
      authorization: `Basic ${Buffer.from(`FOREIGN:${SECRET}`).toString('base64')}`,
    })
    await once(this.client, 'connect')
  }

  get #now(): string {
    return toIso(this.#test.clock.now())
  }

  async start(): Promise<void> {
    const { client } = this
    expect(
      await client.callRequest('BootNotification', {
        chargePointVendor: 'Other maker',
        chargePointModel: 'X1',
      }),
    ).toMatchObject({ status: 'Accepted' })
    await client.callRequest('StatusNotification', {
      connectorId: 1,
      errorCode: 'NoError',
      status: 'Preparing',
      timestamp: this.#now,
    })
    const authorized = client.callRequest('Authorize', { idTag: 'TAG-bus' })
    await this.#test.pass(seconds(15))
    expect(await authorized).toMatchObject({ idTagInfo: { status: 'Accepted' } })
    const started = await client.callRequest('StartTransaction', {
      connectorId: 1,
      idTag: 'TAG-bus',
      meterStart: this.registerWh,
      timestamp: this.#now,
    })
    this.transaction = started.transactionId
    await client.callRequest('StatusNotification', {
      connectorId: 1,
      errorCode: 'NoError',
      status: 'Charging',
      timestamp: this.#now,
    })
  }

  /** Five seconds of charging, then its values. */
  async charge(): Promise<void> {
    await this.#test.pass(seconds(5))
    this.registerWh += Math.round((3 * 230 * this.drawA * 5) / 3600)
    const phase = (name: 'L1' | 'L2' | 'L3') => ({
      value: this.drawA.toFixed(1),
      measurand: 'Current.Import' as const,
      phase: name,
      unit: 'A' as const,
    })
    await this.client.callRequest('MeterValues', {
      connectorId: 1,
      transactionId: this.transaction ?? 0,
      meterValue: [
        {
          timestamp: this.#now,
          sampledValue: [
            { value: String(this.registerWh) },
            { value: String(3 * 230 * this.drawA), measurand: 'Power.Active.Import', unit: 'W' },
            ...(['L1', 'L2', 'L3'] as const).map(phase),
          ],
        },
      ],
    })
  }

  async stop(): Promise<void> {
    await this.client.callRequest('StopTransaction', {
      transactionId: this.transaction ?? 0,
      meterStop: this.registerWh,
      timestamp: this.#now,
      reason: 'Local',
    })
    this.transaction = null
  }
}

describe('a charge point built on a public client library that is not ours', () => {
  let test: TestDepot
  let foreign: ForeignStation
  beforeEach(async () => {
    test = await TestDepot.start({
      gridA: 200,
      otherA: 60,
      feeders: [{ id: 'f1', ratingA: 21 }],
      stations: [],
      foreign: [{ id: 'FOREIGN', feeder: 'f1' }],
      vehicles: ['bus'],
    })
    foreign = new ForeignStation(test)
    await foreign.connect()
  })
  afterEach(() => test.stop())

  it('boots, charges, is limited by its feeder and stops, and its energy is on the books', async () => {
    await foreign.start()
    for (let reports = 0; reports < 36; reports++) {
      await foreign.charge()
      expect(foreign.drawA).toBeLessThanOrEqual(20)
    }
    expect(foreign.limitsA.at(-1)).toBe(20)
    expect(test.evse('FOREIGN')).toMatchObject({
      state: 'limited',
      vehicle: 'bus',
      offered_a: 20,
      binding_row: 'f1/l1',
    })
    expect(test.evse('FOREIGN').reason).toBe('f1, L1 is full')

    await foreign.stop()
    const energy = foreign.registerWh - 5000
    expect(energy).toBeGreaterThan(400)
    expect(await test.transactions()).toMatchObject([
      { station: 'FOREIGN', vehicle: 'bus', energy_wh: energy, reason: 'Local' },
    ])
    await test.pass(minutes(1))
    expect(test.evse('FOREIGN').transaction).toBeNull()
  })
})
