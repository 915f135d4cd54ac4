import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FactType, FactTypes } from '../domain/facts.ts'
import { storedFact } from '../domain/ports/fact-line.ts'
import { signedBy } from './signed-image.ts'
import { TestDepot } from './test-depot.ts'

/** The real edge and simulated 1.6 stations, asked through the API as a person or program would. */
let depot: TestDepot
beforeEach(async () => {
  depot = await TestDepot.start({
    gridA: 200,
    otherA: 10,
    feeders: [{ id: 'f1', ratingA: 40 }],
    stations: ['A', 'B'].map((id) => ({ id, feeder: 'f1' })),
    vehicles: ['v1', 'v2'],
  })
  await depot.until('every station is reconciled', () => depot.edge.control.depot.ready, minutes(2))
})
afterEach(() => depot.stop())

interface Answer {
  readonly status: number
  readonly body: unknown
}
/** Sends it, lets time pass until the answer is there. */
async function api(method: string, path: string, body?: unknown): Promise<Answer> {
  let answer: Answer | null = null
  const headers = { 'content-type': 'application/json' }
  const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  void fetch(`${depot.edge.httpAddress}/api/v1${path}`, sent).then(async (response) => {
    const text = await response.text()
    answer = { status: response.status, body: text === '' ? null : JSON.parse(text) }
  })
  await depot.untilReally(`${method} ${path}`, async () => answer !== null)
  return answer ?? expect.fail('no answer')
}
const ocpp = (action: string, payload: object = {}) => api('POST', `/stations/A/ocpp/${action}`, payload)
const said = (status: string) => ({ status: 200, body: { result: { status } } })

async function facts<T extends FactType>(type: T): Promise<FactTypes[T][]> {
  const records = await depot.edge.control.depot.deps.factLog.read(0, 10_000)
  const all = records.map(({ line }) => storedFact(line).fact)
  return all.flatMap((fact) => (fact.type === type ? [fact.data as FactTypes[T]] : []))
}

const profile = (limit: number) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 4711,
    stackLevel: 5,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Relative',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
  },
})

describe('raw requests', () => {
  test("TC_019_2 TC_021 TC_040_1 TC_040_2: variables are read and written in the station's own words", async () => {
    expect(await ocpp('GetConfiguration', { key: ['NumberOfConnectors', 'Nope'] })).toEqual({
      status: 200,
      body: {
        result: {
          configurationKey: [{ key: 'NumberOfConnectors', readonly: true, value: '1' }],
          unknownKey: ['Nope'],
        },
      },
    })
    expect(await ocpp('ChangeConfiguration', { key: 'ConnectionTimeOut', value: '90' })).toEqual(
      said('Accepted'),
    )
    expect(await ocpp('ChangeConfiguration', { key: 'Nope', value: '1' })).toEqual(said('NotSupported'))
    expect(await ocpp('ChangeConfiguration', { key: 'ConnectionTimeOut', value: 'soon' })).toEqual(
      said('Rejected'),
    )
  })

  test('are refused by their schema, without a station, and for a station that is away', async () => {
    expect(await ocpp('Reset', { type: 'Warm' })).toMatchObject({ status: 400 })
    expect(await ocpp('BootNotification')).toMatchObject({ status: 400 })
    expect((await api('POST', '/stations/Z/ocpp/Reset', { type: 'Soft' })).status).toBe(404)
    await depot.cut('A')
    await depot.until('the loss is seen', () => !depot.evse('A').online, seconds(30))
    expect((await ocpp('ClearCache')).status).toBe(503)
  })

  test('TC_056 TC_067: a charging profile counts, and is refused where the feeder could be overloaded', async () => {
    expect(await ocpp('SetChargingProfile', profile(20))).toEqual(said('Accepted'))
    depot.plugIn('B', 'v2')
    await depot.pass(minutes(2))
    expect(depot.evse('B').offered_a).toBeLessThanOrEqual(40 - 20)
    expect(await ocpp('SetChargingProfile', profile(32))).toMatchObject({ status: 409 })
    expect(await ocpp('ClearChargingProfile', { id: 4711 })).toMatchObject({ status: 409 })
    expect(depot.drawnA('f1').l1).toBeLessThanOrEqual(40)
  })
})

test('TC_046 TC_047 TC_048_2 TC_051: a reservation is made, shown, refused, cancelled, and runs out', async () => {
  const expires = (inMinutes: number) => new Date(depot.clock.now() + inMinutes * 60_000).toISOString()
  const reserve = (inMinutes: number) =>
    api('POST', '/reservations', {
      station: 'A',
      evse: 1,
      id_token: 'TAG-v1',
      expires_at: expires(inMinutes),
    })
  expect((await reserve(30)).body).toEqual({ reservation: 1, status: 'accepted', reason: null })
  await depot.pass(seconds(5))
  expect(depot.depot.station('A').status).toBe('Reserved')
  expect((await reserve(30)).body).toEqual({ reservation: 2, status: 'rejected', reason: 'Occupied' })
  expect((await api('GET', '/reservations')).body).toMatchObject({
    reservations: [{ reservation: 1, state: 'accepted' }],
  })
  expect((await api('DELETE', '/reservations/1')).body).toMatchObject({ status: 'accepted' })
  expect((await reserve(2)).body).toMatchObject({ reservation: 3, status: 'accepted' })
  await depot.pass(minutes(3))
  expect((await api('GET', '/reservations')).body).toMatchObject({ reservations: [] })
  expect((await facts('ReservationEnded')).map(({ cause }) => cause)).toEqual(['cancelled', 'expired'])
})

test('TC_046 TC_049: a reserved connector charges who reserved it, and nobody else', async () => {
  const expires_at = new Date(depot.clock.now() + 3_600_000).toISOString()
  await api('POST', '/reservations', { station: 'A', id_token: 'TAG-v1', expires_at })
  depot.plugIn('A', 'v2')
  await depot.pass(minutes(1))
  expect(depot.depot.station('A').charging).toBe(false)
  depot.depot.station('A').unplug()
  depot.plugIn('A', 'v1')
  await depot.pass(minutes(1))
  expect(depot.depot.station('A').charging).toBe(true)
  expect(await facts('ReservationEnded')).toMatchObject([
    { reservation: 1, cause: 'used', transaction: expect.any(String) },
  ])
})

test('TC_042_2 TC_043_4 TC_043_5: a local list is pushed whole, then what changed', async () => {
  expect(await ocpp('GetLocalListVersion')).toEqual({ status: 200, body: { result: { listVersion: 0 } } })
  expect((await api('POST', '/stations/A/local-list')).body).toMatchObject({
    status: 'accepted',
    update: 'Full',
    sent: 2,
  })
  await api('POST', '/id-tokens', {
    id_tokens: [{ id_token: 'TAG-v1', status: 'Blocked' }, { id_token: 'NEW' }],
  })
  const second = { status: 'accepted', update: 'Differential', version: 2, sent: 2 }
  expect((await api('POST', '/stations/A/local-list')).body).toMatchObject(second)
  expect(await ocpp('GetLocalListVersion')).toEqual({ status: 200, body: { result: { listVersion: 2 } } })
})

test('TC_023_3: a token that was blocked at the API starts nothing; once it is removed there, it does', async () => {
  await api('POST', '/id-tokens', { id_tokens: [{ id_token: 'tag-V1', status: 'Blocked' }] })
  depot.plugIn('A', 'v1')
  await depot.pass(minutes(1))
  expect(depot.depot.station('A').charging).toBe(false)
  expect((await api('DELETE', '/id-tokens/TAG-v1')).status).toBe(204)
  depot.depot.station('A').unplug()
  depot.plugIn('A', 'v1')
  await depot.pass(minutes(1))
  expect(depot.depot.station('A').charging).toBe(true)
})

describe('logs and firmware', () => {
  const now = () => new Date(depot.clock.now()).toISOString()
  const onShelf = async (image: string) => {
    const content = new Uint8Array([1, 2, 3])
    const signing = await signedBy(content, depot.clock.now())
    const headers = { 'content-type': 'application/octet-stream', ...signing.headers }
    const url = `${depot.edge.httpAddress}/api/v1/firmware-images/${image}?sha256=${signing.sha256}`
    expect((await fetch(url, { method: 'PUT', headers, body: content })).status).toBe(201)
    return signing
  }
  const firmwareSteps = async () => (await facts('FirmwareStatusReported')).map(({ status }) => status)

  test.each([
    ['TC_044_1', 'sound', ['Downloading', 'Downloaded', 'Installing', 'Installed']],
    ['TC_044_2', 'download-fails', ['Downloading', 'DownloadFailed']],
    ['TC_044_3', 'install-fails', ['Downloading', 'Downloaded', 'Installing', 'InstallationFailed']],
  ] as const)('%s: an update that is %s tells its steps', async (_case, firmware, steps) => {
    depot.depot.station('A').misbehave({ firmware })
    await onShelf('fw')
    const update = { location: 'busbar:firmware/fw', retrieveDate: now() }
    expect(await ocpp('UpdateFirmware', update)).toEqual({ status: 200, body: { result: {} } })
    await depot.pass(minutes(1))
    expect(await firmwareSteps()).toEqual(steps)
  })

  test.each([
    ['TC_080', 'sound', 'Installed'],
    ['TC_081', 'bad-signature', 'InvalidSignature'],
  ] as const)('%s: a signed update that is %s ends with %s', async (_case, firmware, end) => {
    depot.depot.station('A').misbehave({ firmware })
    const { headers } = await onShelf('fw')
    const image = {
      location: 'busbar:firmware/fw',
      retrieveDateTime: now(),
      signingCertificate: Buffer.from(headers['busbar-certificate'], 'base64').toString(),
      signature: headers['busbar-signature'],
    }
    expect(await ocpp('SignedUpdateFirmware', { requestId: 9, firmware: image })).toEqual(said('Accepted'))
    await depot.pass(minutes(1))
    expect((await facts('FirmwareStatusReported')).at(-1)).toMatchObject({
      status: end,
      request: 9,
      flag: null,
    })
  })

  test.each([
    ['TC_045_1', 'sound', 'Uploaded'],
    ['TC_045_2', 'fail', 'UploadFailure'],
  ] as const)('%s: diagnostics whose upload is %s end with %s', async (_case, uploads, end) => {
    depot.depot.station('A').misbehave({ uploads })
    const asked = await ocpp('GetDiagnostics', { location: 'busbar:inbox' })
    expect(asked.body).toEqual({ result: { fileName: 'diagnostics.log' } })
    await depot.pass(minutes(1))
    expect((await facts('LogStatusReported')).map(({ log, status }) => [log, status])).toEqual([
      ['DiagnosticsLog', 'Uploading'],
      ['DiagnosticsLog', end],
    ])
  })

  test('TC_079: the security log is fetched, and TC_054: its state is told when asked for', async () => {
    const log = { remoteLocation: 'busbar:inbox' }
    expect(await ocpp('GetLog', { logType: 'SecurityLog', requestId: 3, log })).toMatchObject({
      body: { result: { status: 'Accepted', filename: 'SecurityLog.log' } },
    })
    await depot.pass(minutes(1))
    expect((await facts('LogStatusReported')).at(-1)).toMatchObject({ status: 'Uploaded', request: 3 })
    const trigger = { requestedMessage: 'LogStatusNotification' }
    expect(await ocpp('ExtendedTriggerMessage', trigger)).toEqual(said('Accepted'))
    await depot.pass(seconds(5))
    expect((await facts('LogStatusReported')).at(-1)).toMatchObject({ status: 'Idle' })
  })
})

test('TC_076 TC_078: certificates that do not fit are refused, and a bad chain is a security event', async () => {
  const use = { certificateType: 'CentralSystemRootCertificate' }
  expect(await ocpp('GetInstalledCertificateIds', use)).toEqual(said('NotFound'))
  expect(await ocpp('InstallCertificate', { ...use, certificate: 'nonsense' })).toEqual(said('Rejected'))
  expect(await ocpp('CertificateSigned', { certificateChain: 'nonsense' })).toEqual(said('Rejected'))
  await depot.pass(seconds(5))
  expect(await facts('SecurityEventReported')).toMatchObject([
    { event: 'InvalidChargePointCertificate', flag: null },
  ])
})

test('a command that may wait is sent when its station is back', async () => {
  await depot.cut('A')
  await depot.until('the loss is seen', () => !depot.evse('A').online, seconds(30))
  const unavailable = { kind: 'set-availability', evse: 1, operative: false }
  const asked = await api('POST', '/stations/A/commands?valid_for_s=3600', unavailable)
  expect(asked.body).toMatchObject({ status: 'waiting' })
  expect((await api('GET', '/commands')).body).toMatchObject({
    commands: [{ kind: 'set-availability', station: 'A' }],
  })
  depot.depot.station('A').restoreLink()
  await depot.until('it is done', () => depot.depot.station('A').status === 'Unavailable', minutes(5))
  await depot.pass(seconds(2))
  expect((await api('GET', '/commands')).body).toMatchObject({ commands: [] })
})
