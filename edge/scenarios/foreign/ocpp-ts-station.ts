import { once } from 'node:events'
import { seconds, toIso } from '@busbar/units/time.ts'
import { OcppClient } from 'ocpp-ts'
import { expect } from 'vitest'
import { SECRET } from '../depot-of.ts'
import type { TestDepot } from '../test-depot.ts'
import { download, type ForeignStation } from './foreign-station.ts'

/** OCPP 1.6, on the client of ocpp-ts. */
export class OcppTsStation implements ForeignStation {
  readonly client = new OcppClient('FOREIGN')
  readonly limitsA: number[] = []
  readonly reservedFor: string[] = []
  readonly firmware: string[] = []
  /** This library checks nothing of what it hears. */
  readonly faults: string[] = []
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
    this.client.on('ReserveNow', ({ idTag }, answer) => {
      this.reservedFor.push(idTag)
      answer({ status: 'Accepted' })
    })
    this.client.on('UpdateFirmware', ({ location }, answer) => {
      answer({})
      void this.#update(location)
    })
  }

  async #update(location: string): Promise<void> {
    const tell = (status: 'Downloading' | 'Downloaded' | 'Installing' | 'Installed') =>
      this.client.callRequest('FirmwareStatusNotification', { status })
    await tell('Downloading')
    this.firmware.push(await download(location))
    for (const status of ['Downloaded', 'Installing', 'Installed'] as const) await tell(status)
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

  close(): void {
    // The library has no way to hang up: the edge does.
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
