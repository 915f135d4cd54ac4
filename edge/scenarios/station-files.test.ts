import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { minutes } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FactType, FactTypes } from '../domain/facts.ts'
import { storedFact } from '../domain/ports/fact-line.ts'
import { sha256, signedBy } from './signed-image.ts'
import { TestDepot } from './test-depot.ts'

/** Logs and firmware between the real edge and simulated stations of both versions, over real HTTP. */
let depot: TestDepot
beforeEach(async () => {
  depot = await TestDepot.start({
    gridA: 200,
    otherA: 10,
    feeders: [{ id: 'f1', ratingA: 80 }],
    stations: [
      { id: 'S16', feeder: 'f1' },
      { id: 'S201', feeder: 'f1', version: '2.0.1' },
    ],
  })
  await depot.until('every station is reconciled', () => depot.edge.control.depot.ready, minutes(2))
})
afterEach(() => depot.stop())

interface Answer {
  readonly status: number
  readonly body: unknown
}
async function ask(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
  let answer: Answer | null = null
  void fetch(`${depot.edge.httpAddress}/api/v1${path}`, { method, ...init }).then(async (response) => {
    const text = await response.text()
    answer = { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text }
  })
  await depot.untilReally(`${method} ${path}`, async () => answer !== null)
  return answer ?? expect.fail('no answer')
}
const post = (path: string, body: object) =>
  ask('POST', path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const put = (image: string, content: Uint8Array<ArrayBuffer>, of: { sha256: string; headers?: object }) =>
  ask('PUT', `/firmware-images/${image}?sha256=${of.sha256}`, {
    headers: { 'content-type': 'application/octet-stream', ...of.headers },
    body: content,
  })
const order = (station: string, body: object) => post(`/stations/${station}/commands`, body)
const raw = (station: string, action: string, body: object) =>
  post(`/stations/${station}/ocpp/${action}`, body)

async function facts<T extends FactType>(type: T): Promise<FactTypes[T][]> {
  const records = await depot.edge.control.depot.deps.factLog.read(0, 10_000)
  const all = records.map(({ line }) => storedFact(line).fact)
  return all.flatMap((fact) => (fact.type === type ? [fact.data as FactTypes[T]] : []))
}
const content = new TextEncoder().encode('firmware 2.0 '.repeat(20_000))
const firmwareEnd = async () => (await facts('FirmwareStatusReported')).at(-1)?.status

describe.each([
  ['S16', 'TC_045_1'],
  ['S201', 'TC_N_25'],
])('%s', (station, logCase) => {
  test(`${logCase}: leaves its log in the inbox, where people read and delete it`, async () => {
    const asked = (await order(station, { kind: 'get-log' })).body as { status: string; request: number }
    expect(asked.status).toBe('accepted')
    await depot.pass(minutes(1))
    const [uploaded] = await facts('LogUploaded')
    expect(uploaded).toMatchObject({
      request: asked.request,
      station,
      log: 'DiagnosticsLog',
      name: 'DiagnosticsLog.log',
    })
    expect((await facts('LogStatusReported')).at(-1)).toMatchObject({ status: 'Uploaded' })
    const { file } = uploaded ?? expect.fail('nothing was uploaded')
    expect((await ask('GET', '/inbox')).body).toMatchObject({
      files: [{ file, station, sha256: uploaded?.sha256 }],
    })
    const log = await ask('GET', `/inbox/${file}`)
    expect(sha256(Buffer.from(String(log.body)))).toBe(uploaded?.sha256)
    expect((await ask('DELETE', `/inbox/${file}`)).status).toBe(204)
    expect((await ask('GET', '/inbox')).body).toMatchObject({ files: [] })
    expect(await facts('LogRemoved')).toMatchObject([{ file, cause: 'deleted', by: 'anonymous' }])
  })

  test(`${station === 'S16' ? 'TC_080' : 'TC_L_01'}: fetches a signed image from the shelf and installs it`, async () => {
    const added = await put('fw-2.0', content, await signedBy(content, depot.clock.now()))
    expect(added).toMatchObject({
      status: 201,
      body: { image: 'fw-2.0', signed: true, bytes: content.length },
    })
    const update = await order(station, { kind: 'update-firmware', image: 'fw-2.0' })
    expect(update.body).toMatchObject({ status: 'accepted' })
    await depot.pass(minutes(1))
    expect(await firmwareEnd()).toBe('Installed')
    expect(await facts('FirmwareImageFetched')).toMatchObject([{ station, image: 'fw-2.0' }])
    const steps = (await facts('FirmwareStatusReported')).map(({ status }) => status)
    expect(steps).toContain('SignatureVerified')
  })

  test('S31: an image with a wrong hash or signature is not taken, not offered, and an incident', async () => {
    const other = await signedBy(new Uint8Array([1, 2, 3]), depot.clock.now())
    const { headers } = await signedBy(content, depot.clock.now())
    expect(await put('fw-x', content, { sha256: '0'.repeat(64), headers })).toMatchObject({ status: 422 })
    expect(await put('fw-x', content, { sha256: sha256(content), headers: other.headers })).toMatchObject({
      status: 422,
    })
    expect((await ask('PUT', '/firmware-images/fw-x?md5=0cc175b9c0f1b6a831c399e269772661')).status).toBe(400)
    expect((await ask('GET', '/firmware-images')).body).toMatchObject({ images: [] })
    expect((await order(station, { kind: 'update-firmware', image: 'fw-x' })).body).toMatchObject({
      status: 'rejected',
      reason: 'there is no firmware image fw-x',
    })
    await depot.pass(minutes(1))
    expect(await facts('FirmwareStatusReported')).toEqual([])
    expect((await facts('FirmwareImageRefused')).map(({ reason }) => reason)).toEqual([
      expect.stringContaining('its SHA-256 is'),
      expect.stringContaining('its signature is not of this content'),
    ])
    expect(await facts('IncidentOpened')).toMatchObject([{ code: 'firmware.refused' }])
  })
})

test.each([
  ['TC_L_06', 'bad-signature', 'InvalidSignature'],
  ['TC_L_07', 'download-fails', 'DownloadFailed'],
  ['TC_L_09', 'install-fails', 'InstallationFailed'],
] as const)('%s: an update of OCPP 2.0.1 that is %s ends with %s', async (_case, firmware, end) => {
  depot.depot.station('S201').misbehave({ firmware })
  await put('fw-2.0', content, await signedBy(content, depot.clock.now()))
  const update = await order('S201', { kind: 'update-firmware', image: 'fw-2.0' })
  expect(update.body).toMatchObject({ status: 'accepted' })
  await depot.pass(minutes(1))
  expect(await firmwareEnd()).toBe(end)
})

test('TC_N_35 TC_N_36: the security log is fetched, and a second request takes the place of the first', async () => {
  const wanted = { kind: 'get-log', log: 'SecurityLog' }
  expect((await order('S201', wanted)).body).toMatchObject({ status: 'accepted' })
  expect((await order('S201', wanted)).body).toMatchObject({ status: 'accepted' })
  await depot.pass(minutes(1))
  const requests = (await facts('LogUploaded')).map(({ log, request }) => ({ log, request }))
  expect(new Set(requests.map(({ request }) => request)).size).toBe(requests.length)
  expect(requests.every(({ log }) => log === 'SecurityLog')).toBe(true)
  expect(requests.length).toBeGreaterThan(0)
})

test('S31: an image that was altered on disk is offered to nobody', async () => {
  await put('fw-2.0', content, await signedBy(content, depot.clock.now()))
  const shelf = join(depot.folder, 'data', 'files', 'shelf')
  const [file = ''] = await readdir(shelf)
  await writeFile(join(shelf, file), 'something else')
  expect((await order('S16', { kind: 'update-firmware', image: 'fw-2.0' })).body).toMatchObject({
    status: 'rejected',
  })
  expect((await ask('GET', '/firmware-images')).body).toMatchObject({ images: [] })
  expect(await facts('FirmwareImageRemoved')).toMatchObject([{ image: 'fw-2.0', cause: 'altered' }])
  await depot.pass(minutes(1))
  expect(await facts('FirmwareStatusReported')).toEqual([])
})

test('an image that nobody signed goes to OCPP 1.6 alone, and files and images outlive a restart', async () => {
  await put('plain', content, { sha256: sha256(content) })
  await order('S16', { kind: 'get-log' })
  await depot.pass(minutes(1))
  await depot.restartEdge()
  await depot.until('every station is reconciled', () => depot.edge.control.depot.ready, minutes(5))
  expect((await ask('GET', '/inbox')).body).toMatchObject({ files: [{ station: 'S16' }] })
  expect((await order('S201', { kind: 'update-firmware', image: 'plain' })).body).toMatchObject({
    status: 'rejected',
    reason: 'OCPP 2.0.1 takes signed firmware only',
  })
  expect((await order('S16', { kind: 'update-firmware', image: 'plain' })).body).toMatchObject({
    status: 'accepted',
  })
  await depot.pass(minutes(1))
  expect(await firmwareEnd()).toBe('Installed')
})

const NOW = { retrieveDate: '2026-12-01T12:00:00Z' }
const ELSEWHERE = [
  'http://169.254.169.254/latest/meta-data',
  'file:///etc/passwd',
  'ftp://outside.example/fw.bin',
  'http://localhost:8080/fw.bin',
  'http://127.0.0.1/files/x',
  'http://rebound.example/fw.bin',
  'https://allowed.example\\@evil.example/fw.bin',
  'data:text/plain,x',
]

describe('an address in a request of an engineer', () => {
  const refused = { status: 400, body: { detail: expect.stringContaining('location') } }

  test('S30: that leads UpdateFirmware elsewhere is refused, and nothing leaves', async () => {
    for (const location of ELSEWHERE) {
      expect(await raw('S16', 'UpdateFirmware', { location, ...NOW })).toMatchObject(refused)
      const firmware = { location, retrieveDateTime: NOW.retrieveDate }
      expect(await raw('S201', 'UpdateFirmware', { requestId: 1, firmware })).toMatchObject(refused)
    }
    await depot.pass(minutes(1))
    expect(await facts('FirmwareStatusReported')).toEqual([])
  })

  test('S33: that leads an upload elsewhere is refused: logs are left here and nowhere else', async () => {
    for (const location of ['https://outside.example/logs', 'ftp://127.0.0.1/', 'http://169.254.169.254/']) {
      const log = { logType: 'DiagnosticsLog', requestId: 1, log: { remoteLocation: location } }
      for (const [station, action, payload] of [
        ['S16', 'GetDiagnostics', { location }],
        ['S16', 'GetLog', log],
        ['S201', 'GetLog', log],
      ] as const)
        expect(await raw(station, action, payload)).toMatchObject({
          status: 400,
          body: { detail: expect.stringContaining('nowhere else') },
        })
    }
    await depot.pass(minutes(1))
    expect(await facts('LogStatusReported')).toEqual([])
  })

  test('S32: with credentials in it is refused, and they stand in no record and no log', async () => {
    const location = 'ftp://robot:hunter2-canary@127.0.0.1/x'
    expect(await raw('S16', 'GetDiagnostics', { location })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('credentials') },
    })
    const log = { logType: 'DiagnosticsLog', requestId: 1, log: { remoteLocation: location } }
    expect((await raw('S201', 'GetLog', log)).status).toBe(400)
    const records = await depot.edge.control.depot.deps.factLog.read(0, 10_000)
    expect(records.map(({ line }) => line).join()).not.toContain('hunter2')
    expect(JSON.stringify((await ask('GET', '/messages?limit=1000')).body)).not.toContain('hunter2')
  })

  test('is made here where it says so, works once, and stands in no record and no log', async () => {
    expect((await raw('S16', 'GetDiagnostics', { location: 'busbar:inbox' })).body).toEqual({
      result: { fileName: 'diagnostics.log' },
    })
    await depot.pass(minutes(1))
    expect(await facts('LogUploaded')).toMatchObject([{ station: 'S16', log: 'DiagnosticsLog' }])
    await put('plain', content, { sha256: sha256(content) })
    expect((await raw('S16', 'UpdateFirmware', { location: 'busbar:firmware/plain', ...NOW })).status).toBe(
      200,
    )
    await depot.pass(minutes(1))
    expect(await firmwareEnd()).toBe('Installed')
    const [diagnostics] = (await facts('CommandReceived')).map(({ params }) => params)
    expect(diagnostics).toEqual({ location: 'busbar:inbox' })
    const { body } = await ask('GET', '/messages?limit=1000')
    expect(JSON.stringify(body)).toContain('/files/***')
    expect(JSON.stringify(body)).not.toMatch(/\/files\/[A-Za-z0-9_-]{20}/)
  })
})
