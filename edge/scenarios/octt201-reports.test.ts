import { seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import {
  api,
  during,
  ends,
  facts,
  newest,
  on,
  type Payload,
  register,
  spokenDepot,
  starts,
  transaction,
} from './spoken-depot.ts'

/** What stations of OCPP 2.0.1 report in the conformance cases, at the real edge. */
spokenDepot()

describe('J: meter values', () => {
  const values = (of: object) => during(on.station.say('MeterValues', { evseId: 1, ...of }))

  test('TC_J_01: of the clock outside of a transaction are taken', async () => {
    expect(await values({ meterValue: register(900, 'Sample.Clock') })).toEqual({})
  })

  test('TC_J_02 TC_J_03 TC_J_07 TC_J_09 TC_J_10: in a transaction count its energy from start to end', async () => {
    const { tell } = transaction()
    await tell('Started', 'Authorized', starts())
    await tell('Updated', 'MeterValueClock', { meterValue: register(1500, 'Sample.Clock') })
    await tell('Updated', 'MeterValuePeriodic', { meterValue: register(2500) })
    expect(await newest()).toMatchObject({ ended_at: null })
    await tell('Ended', 'StopAuthorized', ends('Local', 3200))
    expect(await newest()).toMatchObject({ energy_wh: 2200 })
  })

  test('TC_J_08: of a transaction that does not tell its EVSE belong to the only one there is', async () => {
    const { tell } = transaction()
    await tell('Started', 'Authorized', { ...starts(), evse: undefined })
    expect(await newest()).toMatchObject({ evse: 1, ended_at: null })
    await tell('Ended', 'StopAuthorized', ends('Local'))
  })

  test('TC_J_04 TC_J_11: with a signature are kept word for word', async () => {
    const signed = {
      signedMeterValue: {
        signedMeterData: 'c2lnbmVk',
        signingMethod: 'ECDSA',
        encodingMethod: 'OCMF',
        publicKey: 'a2V5',
      },
    }
    await values({ meterValue: register(900, 'Sample.Clock', signed) })
    const kept = (await facts('SignedMeterValueRead')).at(-1)
    expect(JSON.parse(kept?.signed ?? '')).toEqual(signed.signedMeterValue)
  })
})

describe('K: charging by high-level communication', () => {
  const needs = {
    evseId: 1,
    chargingNeeds: {
      requestedEnergyTransfer: 'AC_three_phase',
      acChargingParameters: { energyAmount: 20_000, evMinCurrent: 6, evMaxCurrent: 32, evMaxVoltage: 400 },
    },
  }
  const plan = {
    evseId: 1,
    timeBase: '2026-11-21T18:00:00Z',
    chargingSchedule: {
      id: 1,
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }],
    },
  }

  test('TC_K_53 TC_K_57 TC_K_58 TC_K_59 TC_K_60: needs are answered, the limit follows for that transaction, and the plan is taken', async () => {
    const { tell, name } = transaction()
    on.station.asked.splice(0)
    await tell('Started', 'Authorized', starts({ info: { chargingState: 'EVConnected' } }))
    expect(await during(on.station.say('NotifyEVChargingNeeds', needs))).toEqual({ status: 'Processing' })
    const limits = () =>
      on.station.asked.filter(({ payload }) => JSON.stringify(payload).includes(`"transactionId":"${name}"`))
    // The first, and one that the depot itself comes with later.
    for (const times of [1, 2]) {
      await on.depot.until('its limit', () => limits().length >= times)
      expect(await during(on.station.say('NotifyEVChargingSchedule', plan))).toEqual({ status: 'Accepted' })
    }
    expect(limits().map(({ action }) => action)).toEqual(['SetChargingProfile', 'SetChargingProfile'])
    await tell('Ended', 'StopAuthorized', ends('Local'))
  })

  test('TC_K_02: a profile of a transaction that does not run is refused by the station, and by nobody forgotten', async () => {
    on.station.answers = { ...on.station.answers, SetChargingProfile: { status: 'Rejected' } }
    const chargingProfile = {
      ...{ id: 3002, stackLevel: 2, chargingProfilePurpose: 'TxProfile', chargingProfileKind: 'Absolute' },
      transactionId: 'none-such',
      chargingSchedule: [
        {
          id: 1,
          startSchedule: '2026-11-21T18:00:00Z',
          chargingRateUnit: 'A',
          chargingSchedulePeriod: [{ startPeriod: 0, limit: 6 }],
        },
      ],
    }
    const answer = await api('POST', '/stations/X/ocpp/SetChargingProfile', { evseId: 1, chargingProfile })
    expect(answer).toEqual({ result: { status: 'Rejected' } })
    const { SetChargingProfile: _, ...usual } = on.station.answers
    on.station.answers = usual
  })
})

/** What is kept as it is told, for people. */
describe('reports', () => {
  const limit = { chargingLimitSource: 'EMS' }
  const event = (of: Payload) => ({
    ...{ generatedAt: '2026-11-21T18:00:00Z', seqNo: 0 },
    eventData: [
      {
        ...{ eventId: 1, timestamp: '2026-11-21T18:00:00Z', actualValue: 'true' },
        ...{ component: { name: 'ConnectorPlugRetentionLock' }, variable: { name: 'Problem' }, ...of },
      },
    ],
  })
  const alert = (of: Payload) =>
    event({ trigger: 'Alerting', eventNotificationType: 'HardWiredMonitor', ...of })
  const custom = { trigger: 'Alerting', eventNotificationType: 'CustomMonitor' }

  test.each<[cases: string, action: string, payload: Payload]>([
    ['TC_G_20 TC_N_21', 'NotifyEvent', alert({})],
    ['TC_N_48', 'NotifyEvent', alert({ ...custom, variable: { name: 'Token' }, actualValue: '' })],
    ['TC_N_49', 'NotifyEvent', alert({ ...custom, cleared: true })],
    ['TC_N_50', 'NotifyEvent', event({ trigger: 'Periodic', eventNotificationType: 'CustomMonitor' })],
    ['TC_H_07', 'ReservationStatusUpdate', { reservationId: 1, reservationUpdateStatus: 'Expired' }],
    ['TC_H_20', 'ReservationStatusUpdate', { reservationId: 1, reservationUpdateStatus: 'Removed' }],
    ['TC_K_48 TC_K_52', 'NotifyChargingLimit', { chargingLimit: limit }],
    ['TC_K_50 TC_K_51', 'ClearedChargingLimit', limit],
    ['TC_L_17', 'PublishFirmwareStatusNotification', { status: 'Published', location: ['http://a/'] }],
    ['TC_L_19', 'PublishFirmwareStatusNotification', { status: 'InvalidChecksum' }],
    ['TC_L_20', 'PublishFirmwareStatusNotification', { status: 'PublishFailed' }],
    ['TC_L_24', 'PublishFirmwareStatusNotification', { status: 'DownloadFailed' }],
    ['TC_P_03', 'NotifyEvent', { ...alert({}), customData: { vendorId: 'com.example', anything: [1] } }],
  ])('%s: %s is acknowledged and kept word for word', async (_case, action, payload) => {
    expect(await during(on.station.say(action, payload))).toEqual({})
    const kept = (await facts('StationReported')).at(-1)
    expect(kept).toMatchObject({ message: action, flag: null })
    expect(JSON.parse(kept?.content ?? '')).toEqual(payload)
  })

  test.each([
    ['TC_L_02 TC_L_13', 'InstallScheduled'],
    ['TC_L_03', 'DownloadScheduled'],
    ['TC_L_08', 'InstallVerificationFailed'],
  ])('%s: a firmware update that is %s is a fact of its request', async (_case, status) => {
    expect(await during(on.station.say('FirmwareStatusNotification', { status, requestId: 5 }))).toEqual({})
    expect((await facts('FirmwareStatusReported')).at(-1)).toMatchObject({ status, request: 5, flag: null })
  })
})

test('TC_P_02: data of a vendor that nobody knows is told so', async () => {
  const transfer = { vendorId: 'com.example', messageId: 'x', data: { any: 'thing' } }
  expect(await during(on.station.say('DataTransfer', transfer))).toEqual({ status: 'UnknownVendorId' })
  await on.depot.pass(seconds(1))
})
