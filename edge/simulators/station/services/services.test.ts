import { beforeEach, describe, expect, test } from 'vitest'
import type { Transfers } from './maintenance.ts'
import type { Occupation } from './reservations.ts'
import { Services } from './services.ts'

const NOW = Date.parse('2026-12-01T12:00:00Z')
let now: number
let occupation: Occupation
let transfers: Transfers
let told: [string, object][]
let moved: [string, string][]
let image: Uint8Array | null
let later: (() => void)[]
let services: Services
beforeEach(() => {
  now = NOW
  occupation = 'free'
  transfers = { uploads: 'sound', firmware: 'sound' }
  told = []
  moved = []
  image = new Uint8Array([1, 2, 3])
  later = []
  services = new Services({
    now: () => now,
    tell: (action, payload) => void told.push([action, payload]),
    later: (_seconds, run) => void later.push(run),
    record: () => undefined,
    occupation: () => occupation,
    transfers: () => transfers,
    mover: {
      upload: async (location, { text }) => void moved.push([location, text]) === undefined,
      download: async () => image,
    },
    requestCertificate: null,
  })
})
const ask = (action: string, payload: object = {}) => {
  const answer = services.answer(action, payload)
  if (answer === null) return null
  if ('error' in answer) return answer.error
  answer.then?.()
  return answer.payload
}
const runAll = async () => {
  for (let next = later.shift(); next !== undefined; next = later.shift()) {
    next()
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
}
const statuses = () => told.map(([, report]) => 'status' in report && report.status)
const said = (status: string) => ({ status })

describe('a local list', () => {
  const entry = (idTag: string, of: object = {}) => ({ idTag, idTagInfo: { status: 'Accepted', ...of } })
  const send = (listVersion: number, updateType: string, localAuthorizationList: object[]) =>
    ask('SendLocalList', { listVersion, updateType, localAuthorizationList })

  test('is replaced, changed and read', () => {
    expect(ask('GetLocalListVersion')).toEqual({ listVersion: 0 })
    expect(send(3, 'Full', [entry('A', { parentIdTag: 'G' }), entry('B')])).toEqual(said('Accepted'))
    expect(send(4, 'Differential', [{ idTag: 'b' }, entry('C', { status: 'Blocked' })])).toEqual(
      said('Accepted'),
    )
    expect(ask('GetLocalListVersion')).toEqual({ listVersion: 4 })
    expect(['a', 'B', 'C'].map((tag) => services.localList.statusOf(tag))).toEqual([
      'Accepted',
      undefined,
      'Blocked',
    ])
    expect(services.localList.parentOf('A')).toBe('G')
  })

  test('takes no old version, none too long, and no full list with gaps', () => {
    send(3, 'Full', [])
    expect(send(3, 'Differential', [])).toEqual(said('VersionMismatch'))
    expect(
      send(
        4,
        'Full',
        Array.from({ length: 101 }, (_, n) => entry(`T${n}`)),
      ),
    ).toEqual(said('Failed'))
    expect(send(4, 'Full', [{ idTag: 'A' }])).toEqual(said('Failed'))
    expect(ask('SendLocalList', {})).toBe('FormationViolation')
  })

  test('lets tokens expire', () => {
    send(1, 'Full', [entry('A', { expiryDate: '2026-12-01T12:00:01Z' })])
    expect(services.localList.statusOf('A')).toBe('Accepted')
    now += 1000
    expect(services.localList.statusOf('A')).toBe('Expired')
  })
})

describe('a reservation', () => {
  const reserve = (of: object = {}) =>
    ask('ReserveNow', {
      connectorId: 1,
      expiryDate: '2026-12-01T13:00:00Z',
      idTag: 'A',
      reservationId: 1,
      ...of,
    })

  test('admits who made it and those of the group, until it is used or its time is over', () => {
    expect(reserve({ parentIdTag: 'G' })).toEqual(said('Accepted'))
    const { reservations } = services
    expect([
      reservations.admits('a', undefined),
      reservations.admits('B', 'g'),
      reservations.admits('B', undefined),
    ]).toEqual([true, true, false])
    expect(reservations.use()).toBe(1)
    expect(reservations.admits('B', undefined)).toBe(true)
    reserve()
    now += 3_600_000
    expect(reservations.held).toBeNull()
  })

  test('is refused with the reason', () => {
    for (const why of ['Occupied', 'Faulted', 'Unavailable'] as const) {
      occupation = why
      expect(reserve()).toEqual(said(why))
    }
    occupation = 'free'
    expect(reserve({ connectorId: 2 })).toEqual(said('Rejected'))
    expect(reserve({ expiryDate: '2026-12-01T11:00:00Z' })).toEqual(said('Rejected'))
    reserve()
    expect(reserve({ reservationId: 2 })).toEqual(said('Occupied'))
    expect(ask('CancelReservation', { reservationId: 2 })).toEqual(said('Rejected'))
    expect(ask('CancelReservation', { reservationId: 1 })).toEqual(said('Accepted'))
  })
})

test('an update tells its steps, and how it stands when asked', async () => {
  expect(ask('UpdateFirmware', { location: 'https://x', retrieveDate: '2026-12-01T12:00:00Z' })).toEqual({})
  expect(ask('TriggerMessage', { requestedMessage: 'FirmwareStatusNotification' })).toEqual(said('Accepted'))
  await runAll()
  expect(statuses()).toEqual(['Downloading', 'Downloading', 'Downloaded', 'Installing', 'Installed'])
})

test('an image that does not come, or that somebody else signed, is not installed', async () => {
  image = null
  ask('UpdateFirmware', { location: 'https://x', retrieveDate: '2026-12-01T12:00:00Z' })
  await runAll()
  expect(statuses()).toEqual(['Downloading', 'DownloadFailed'])
  told.splice(0)
  image = new Uint8Array([1])
  const signingCertificate = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----'
  const firmware = {
    location: 'x',
    retrieveDateTime: '2026-12-01T12:00:00Z',
    signingCertificate,
    signature: 'c2ln',
  }
  expect(ask('SignedUpdateFirmware', { requestId: 4, firmware })).toEqual(said('Accepted'))
  await runAll()
  expect(statuses()).toEqual(['Downloading', 'Downloaded', 'InvalidSignature'])
})

test('diagnostics are left at the address that was given', async () => {
  ask('GetDiagnostics', { location: 'http://here/files/x' })
  await runAll()
  expect(statuses()).toEqual(['Uploading', 'Uploaded'])
  expect(moved).toEqual([['http://here/files/x', expect.stringContaining('DiagnosticsLog')]])
})

test('a second request for a log while one is under way takes its place', () => {
  const log = { logType: 'SecurityLog', requestId: 1, log: { remoteLocation: 'https://x' } }
  expect(ask('GetLog', log)).toMatchObject({ status: 'Accepted' })
  expect(ask('GetLog', { ...log, requestId: 2 })).toMatchObject({ status: 'AcceptedCanceled' })
})

test('what is no service is answered elsewhere, and a key that it has not signs nothing', () => {
  for (const action of ['Reset', 'constructor', '__proto__']) expect(ask(action)).toBeNull()
  expect(ask('TriggerMessage', { requestedMessage: 'Heartbeat' })).toBeNull()
  expect(ask('ExtendedTriggerMessage', { requestedMessage: 'SignChargePointCertificate' })).toEqual(
    said('Rejected'),
  )
})
