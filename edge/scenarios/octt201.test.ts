import { minutes } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import {
  api,
  at,
  authorize,
  during,
  ends,
  facts,
  newest,
  on,
  type Payload,
  register,
  spokenDepot,
  starts,
  token,
  transaction,
} from './spoken-depot.ts'

/** Whole transactions of OCPP 2.0.1 in the conformance cases, message by message, at the real edge. */
spokenDepot()

describe('B: a station', () => {
  test('TC_B_01: boots cold and is accepted, with the time and an interval', async () => {
    const { currentTime, ...answer } = await on.station.boot201()
    expect(answer).toEqual({ status: 'Accepted', interval: 60 })
    expect(Date.parse(String(currentTime))).toBe(Math.floor(on.depot.clock.now() / 1000) * 1000)
  })

  test('TC_B_12 TC_B_13: reports its variables in parts, which are a whole only when all have come', async () => {
    const asked = { requestId: 4711, reportBase: 'FullInventory' }
    expect(await api('POST', '/stations/X/ocpp/GetBaseReport', asked)).toEqual({
      result: { status: 'Accepted' },
    })
    const part = (seqNo: number, name: string, value: string, tbc: boolean) =>
      on.station.say('NotifyReport', {
        ...{ requestId: 4711, generatedAt: at(), seqNo, tbc },
        reportData: [
          {
            component: { name: 'OCPPCommCtrlr' },
            variable: { name },
            variableAttribute: [{ value, mutability: 'ReadWrite' }],
            variableCharacteristics: { dataType: 'integer', unit: 's', supportsMonitoring: false },
          },
        ],
      })
    const view = () => api('GET', '/stations/X/variables') as Promise<Payload>
    expect(await view()).toMatchObject({ complete: false })
    await during(part(0, 'HeartbeatInterval', '300', true))
    await during(part(2, 'RetryBackOffWaitMinimum', '10', false))
    expect(await view()).toMatchObject({
      complete: false,
      reports: [{ request: 4711, base: 'FullInventory', missing_parts: [1], whole: false }],
    })
    await during(part(1, 'BasicAuthPassword', 'never-to-be-kept', true))
    const whole = await view()
    expect(whole).toMatchObject({ complete: true, as_of: expect.any(String) })
    expect(whole.variables).toMatchObject([
      { variable: { name: 'HeartbeatInterval' }, attributes: [{ type: 'Actual', value: '300' }] },
      { variable: { name: 'RetryBackOffWaitMinimum' } },
      { variable: { name: 'BasicAuthPassword' }, attributes: [{ value: null }] },
    ])
    expect(JSON.stringify(await facts('StationReported'))).not.toContain('never-to-be-kept')
  })
})

describe('C: a token', () => {
  test.each([
    ['TC_C_02 TC_C_20', 'STRANGER', 'Unknown', null],
    ['TC_C_06', 'BLOCKED', 'Blocked', { status: 'Blocked' }],
    ['TC_C_07', 'EXPIRED', 'Expired', { status: 'Accepted', expires_at: '2020-01-01T00:00:00Z' }],
    ['TC_C_08', 'TAG-v1', 'Accepted', null],
  ] as const)('%s: %s is %s', async (_case, idToken, expected, entered) => {
    if (entered !== null) await api('POST', '/id-tokens', { id_tokens: [{ id_token: idToken, ...entered }] })
    const answer = await authorize(token(idToken))
    expect(answer).toMatchObject({ idTokenInfo: { status: expected } })
  })

  test('TC_C_39 TC_C_47 TC_C_48 TC_C_49: of a group, such as that of master passes, is told with it', async () => {
    const entry = { id_token: 'MASTER', status: 'Accepted', group: 'MASTERPASS' }
    await api('POST', '/id-tokens', { id_tokens: [entry] })
    expect(await authorize(token('MASTER'))).toMatchObject({
      idTokenInfo: { status: 'Accepted', groupIdToken: { idToken: 'MASTERPASS' } },
    })
    const { tell } = transaction()
    await tell('Started', 'Authorized', starts())
    await tell('Ended', 'StopAuthorized', { ...ends('MasterPass'), idToken: token('MASTER') })
    expect(await newest()).toMatchObject({ reason: 'MasterPass', energy_wh: 3000 })
  })

  test('TC_C_40 TC_C_43 TC_N_46: goes to the local list with its group and status, and off it when it is removed', async () => {
    on.station.answers = { ...on.station.answers, GetLocalListVersion: { versionNumber: 0 } }
    await api('POST', '/id-tokens', {
      id_tokens: [
        { id_token: 'MEMBER', status: 'Accepted', group: 'G1' },
        { id_token: 'OUT', status: 'Blocked', group: 'G1' },
      ],
    })
    const sent = async () => {
      on.station.asked.splice(0)
      await api('POST', '/stations/X/local-list')
      return JSON.stringify(await on.station.heard('SendLocalList'))
    }
    const list = await sent()
    expect(list).toContain('"MEMBER"')
    expect(list).toContain('"groupIdToken":{"idToken":"G1"')
    await api('DELETE', '/id-tokens/MEMBER')
    const update = await sent()
    expect(update).toContain('MEMBER')
    expect(update).not.toContain('"MEMBER","type":"Central"},"idTokenInfo"')
  })
})

describe('E: a transaction', () => {
  test.each([
    ['TC_E_01 TC_E_04', 'when the power path closes', 'Authorized', 'EVConnected'],
    ['TC_E_02', 'when energy flows', 'ChargingStateChanged', 'Charging'],
    ['TC_E_10', 'when it is authorized', 'Authorized', undefined],
    ['TC_E_11', 'when its first value is signed', 'SignedDataReceived', 'EVConnected'],
    ['TC_E_12', 'when the bay is occupied', 'EVDetected', undefined],
  ] as const)(
    '%s: that starts %s runs, and its vehicle is known',
    async (_case, _when, reason, chargingState) => {
      const { tell } = transaction()
      const info = chargingState === undefined ? {} : { chargingState }
      expect(await tell('Started', reason, starts({ info }))).toEqual({ idTokenInfo: { status: 'Accepted' } })
      expect(await newest()).toMatchObject({ vehicle: 'v1', ended_at: null })
      await tell('Ended', 'StopAuthorized', ends('Local'))
    },
  )

  test('TC_E_03 TC_E_09 TC_E_38: that starts with the cable waits for its token and for the vehicle', async () => {
    const { tell } = transaction()
    await tell('Started', 'CablePluggedIn', {
      info: { chargingState: 'EVConnected' },
      meterValue: register(1000, 'Transaction.Begin'),
    })
    expect(await tell('Updated', 'Authorized', { idToken: token() })).toEqual({
      idTokenInfo: { status: 'Accepted' },
    })
    await tell('Updated', 'ChargingStateChanged', { info: { chargingState: 'SuspendedEV' } })
    expect(await newest()).toMatchObject({ vehicle: 'v1', ended_at: null })
    await tell('Ended', 'EVCommunicationLost', ends('EVDisconnected', 1000))
    expect(await newest()).toMatchObject({ energy_wh: 0, reason: 'EVDisconnected' })
  })

  test.each([
    ['TC_E_07 TC_E_15', 'StopAuthorized', 'Local'],
    ['TC_E_08', 'ChargingStateChanged', 'Local'],
    ['TC_E_14 TC_E_20', 'EVCommunicationLost', 'EVDisconnected'],
    ['TC_E_16', 'Deauthorized', 'DeAuthorized'],
    ['TC_E_17', 'Deauthorized', 'EVDisconnected'],
    ['TC_E_19', 'EVDeparted', 'Other'],
    ['TC_E_22', 'ChargingStateChanged', 'StoppedByEV'],
    ['TC_E_39', 'Deauthorized', 'Timeout'],
  ])('%s: that ends by %s is over, with reason %s and its energy', async (_case, trigger, reason) => {
    const { tell } = transaction()
    await tell('Started', 'Authorized', starts())
    await tell('Ended', trigger, ends(reason))
    expect(await newest()).toMatchObject({ reason, energy_wh: 3000, ended_at: expect.any(String) })
  })

  test('TC_E_21: is stopped from afar by the name that the station gave it', async () => {
    const { tell, name } = transaction()
    await tell('Started', 'Authorized', starts())
    const { transaction: id = '' } = (await newest()) ?? {}
    on.station.asked.splice(0)
    await api('POST', '/stations/X/commands', { kind: 'request-stop', transaction: id })
    expect(await on.station.heard('RequestStopTransaction')).toEqual({ transactionId: name })
    await tell('Ended', 'RemoteStop', ends('Remote'))
    expect(await newest()).toMatchObject({ reason: 'Remote' })
  })

  test('TC_E_26: whose cable is taken out at the vehicle is suspended and goes on', async () => {
    const { tell } = transaction()
    await tell('Started', 'Authorized', starts({ info: { chargingState: 'Charging' } }))
    await tell('Updated', 'EVCommunicationLost', { info: { chargingState: 'Idle' } })
    expect(await newest()).toMatchObject({ ended_at: null })
    await tell('Updated', 'CablePluggedIn', { info: { chargingState: 'Charging' } })
    await tell('Ended', 'StopAuthorized', ends('Local'))
    expect(await newest()).toMatchObject({ energy_wh: 3000 })
  })

  test('TC_E_53: numbers its events from 0 again, under another name', async () => {
    for (let twice = 0; twice < 2; twice++) {
      const { tell } = transaction()
      await tell('Started', 'Authorized', starts())
      await tell('Ended', 'StopAuthorized', ends('Local'))
    }
    const [second, first] = await on.depot.transactions()
    expect([first, second]).toMatchObject([{ energy_wh: 3000 }, { energy_wh: 3000 }])
    expect(first?.transaction).not.toBe(second?.transaction)
  })
})

describe('F: a start from afar', () => {
  const ask = () =>
    api('POST', '/stations/X/commands', { kind: 'request-start', evse: 1, id_token: 'TAG-v1' })

  test.each([
    ['TC_F_01', 'with the cable plugged in'],
    ['TC_F_02 TC_F_03', 'before it is'],
  ])('%s: %s is one transaction with the number of the request', async () => {
    on.station.asked.splice(0)
    expect(await ask()).toMatchObject({ status: 'accepted' })
    const { remoteStartId } = await on.station.heard('RequestStartTransaction')
    expect(remoteStartId).toEqual(expect.any(Number))
    const { tell } = transaction()
    await tell('Started', 'RemoteStart', starts({ info: { remoteStartId } }))
    const running = await newest()
    expect(running).toMatchObject({ vehicle: 'v1', ended_at: null })
    expect((await facts('TransactionRequested')).at(-1)).toMatchObject({
      transaction: running?.transaction,
      remote_start: remoteStartId,
      command: expect.stringMatching(/^X-/),
    })
    await tell('Ended', 'StopAuthorized', ends('Local'))
  })

  test('TC_F_04: after which nobody plugs in is none', async () => {
    const before = (await on.depot.transactions()).length
    expect(await ask()).toMatchObject({ status: 'accepted' })
    await on.depot.pass(minutes(3))
    expect(await on.depot.transactions()).toHaveLength(before)
  })

  test('TC_K_37: bears a profile that allows no more than the fallback', async () => {
    on.station.asked.splice(0)
    const limited = (limit: number) => ({
      evseId: 1,
      remoteStartId: 37,
      idToken: token(),
      chargingProfile: {
        ...{ id: 3037, stackLevel: 2, chargingProfilePurpose: 'TxProfile', chargingProfileKind: 'Relative' },
        chargingSchedule: [
          { id: 1, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
        ],
      },
    })
    expect(await api('POST', '/stations/X/ocpp/RequestStartTransaction', limited(6))).toEqual({
      result: { status: 'Accepted' },
    })
    expect(await on.station.heard('RequestStartTransaction')).toEqual(limited(6))
    await on.depot.pass(minutes(3))
  })
})
