import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FactType, FactTypes } from '../domain/facts.ts'
import { storedFact } from '../domain/ports/fact-line.ts'
import { SpokenStation } from './spoken-station.ts'
import { TestDepot } from './test-depot.ts'

/** The real edge with one station of its configuration, and another that is added, charges and is removed. */
let depot: TestDepot
beforeEach(async () => {
  depot = await TestDepot.start({
    gridA: 200,
    otherA: 10,
    feeders: [{ id: 'f1', ratingA: 40 }],
    stations: [{ id: 'A', feeder: 'f1' }],
    foreign: [],
    vehicles: ['v1', 'v2'],
  })
  await depot.until('every station is reconciled', () => depot.edge.control.depot.ready, minutes(2))
})
afterEach(() => depot.stop())

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>> | null
}
async function ask(method: string, path: string, body?: object): Promise<Answer> {
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
const lines = async () =>
  (await depot.edge.control.depot.deps.factLog.read(0, 10_000)).map(({ line }) => line)
async function facts<T extends FactType>(type: T): Promise<FactTypes[T][]> {
  const all = (await lines()).map((line) => storedFact(line).fact)
  return all.flatMap((fact) => (fact.type === type ? [fact.data as FactTypes[T]] : []))
}
const evse = (of: object = {}) => ({
  ...{ evse: 1, current: 'ac', rating_a: 32, phases: ['l1', 'l2', 'l3'], fallback_a: 6 },
  ...of,
})
const newStation = (of: object = {}) => ({ id: 'N', circuit: 'f1', evses: [evse()], ...of })
const known = () => depot.live().evses.some(({ station }) => station === 'N')
const connect = (secret: string) => SpokenStation.connect(depot.edge.ocppAddress, 'N', ['ocpp1.6'], secret)

/** The limit that the station was told last, A. */
const told = (station: SpokenStation): number | undefined => {
  const profiles = station.asked.filter(({ action }) => action === 'SetChargingProfile')
  const text = JSON.stringify(profiles.at(-1)?.payload ?? {})
  return Number(/"limit":([\d.]+)/.exec(text)?.[1])
}

async function charge(station: SpokenStation): Promise<number> {
  await station.say('Authorize', { idTag: 'TAG-v2' })
  await station.status('Preparing')
  const start = {
    connectorId: 1,
    idTag: 'TAG-v2',
    meterStart: 0,
    timestamp: new Date(depot.clock.now()).toISOString(),
  }
  const { transactionId } = await station.say('StartTransaction', start)
  await station.status('Charging')
  return Number(transactionId)
}

test('a station is added while the depot runs, charges within its feeder, outlives a restart, and is removed', async () => {
  await expect(connect('any-secret-0123456789')).rejects.toThrow('401')
  const { status, body } = await ask('POST', '/stations', newStation())
  expect(status).toBe(201)
  const password = String(body?.password)
  expect(password).toMatch(/^[A-Za-z0-9]{20}$/)
  expect((await lines()).join()).not.toContain(password)
  expect((await ask('GET', '/stations')).body).toMatchObject({
    stations: [
      { id: 'A', origin: 'file' },
      { id: 'N', origin: 'added', online: false, evses: [{ evse: 1, circuit: 'f1' }] },
    ],
  })

  let station = await connect(password)
  await station.boot()
  depot.plugIn('A', 'v1')
  await depot.until('the other one charges alone', () => (depot.evse('A').offered_a ?? 0) >= 30, minutes(5))
  const transaction = await charge(station)
  await depot.until('both share the feeder', () => (told(station) ?? 0) > 6, minutes(10))
  expect((told(station) ?? 99) + (depot.evse('A').offered_a ?? 99)).toBeLessThanOrEqual(40)
  expect(depot.evse('N')).toMatchObject({ online: true })

  await station.close()
  await depot.restartEdge()
  expect(known()).toBe(true)
  station = await connect(password)
  await station.boot()
  expect(await ask('DELETE', '/stations/N')).toMatchObject({
    status: 409,
    body: { detail: 'it is charging' },
  })
  const stop = {
    transactionId: transaction,
    meterStop: 100,
    timestamp: new Date(depot.clock.now()).toISOString(),
  }
  await station.say('StopTransaction', stop)
  await station.status('Available')
  await depot.pass(seconds(2))
  expect(await ask('DELETE', '/stations/N')).toMatchObject({
    status: 202,
    body: { id: 'N', state: 'leaving' },
  })
  await station.closed()
  await expect(connect(password)).rejects.toThrow('401')
  await depot.pass(minutes(2))
  expect((await ask('GET', '/stations')).body).toMatchObject({
    stations: [{ id: 'A' }, { origin: 'leaving' }],
  })
  expect((await ask('POST', '/stations', newStation())).status).toBe(409)
  await depot.until('it counts no more', () => !known(), minutes(10))
  expect(await facts('StationRemoved')).toEqual([{ station: 'N', cause: 'left' }])
  expect((await ask('DELETE', '/stations/N')).status).toBe(404)
  await depot.restartEdge()
  expect(known()).toBe(false)
})

test('a station that does not fit is refused with circuit and phase, and one of the file is left to the file', async () => {
  expect(
    await ask(
      'POST',
      '/stations',
      newStation({ evses: [evse({ fallback_a: 32, phases: ['l2'] }), evse({ evse: 2 })] }),
    ),
  ).toMatchObject({
    status: 422,
    body: {
      detail: expect.stringMatching(/^circuit f1: phase L2: fallbacks and other loads add up to 44\.0 A/),
    },
  })
  expect(await ask('POST', '/stations', newStation({ circuit: 'nowhere' }))).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining('its circuit "nowhere" does not exist') },
  })
  expect((await ask('POST', '/stations', newStation({ security_profile: 2 }))).status).toBe(422)
  expect((await ask('POST', '/stations', newStation({ security_profile: 0 }))).status).toBe(400)
  expect(
    (await ask('POST', '/stations', newStation({ evses: [evse({ rating_a: undefined })] }))).status,
  ).toBe(400)
  expect((await ask('POST', '/stations', newStation({ id: '../x' }))).status).toBe(400)
  for (const [method, path, body] of [
    ['POST', '/stations', newStation({ id: 'A' })],
    ['PUT', '/stations/A', { circuit: 'f1', evses: [evse()] }],
    ['DELETE', '/stations/A', undefined],
  ] as const)
    expect(await ask(method, path, body)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('depot.yaml') },
    })
  expect(known()).toBe(false)
  expect(await facts('StationAdded')).toEqual([])
})

test('a station is moved to other conductors, under the same gate', async () => {
  await ask('POST', '/stations', newStation())
  const place = (of: object) => ({ circuit: 'f1', name: 'Bay 7', evses: [evse(of)] })
  expect(
    (await ask('PUT', '/stations/N', place({ rating_a: 16, phases: ['l3'], fallback_a: 8 }))).status,
  ).toBe(204)
  await depot.pass(seconds(2))
  const moved = [...depot.edge.control.depot.setup.site.evses.values()].find(({ station }) => station === 'N')
  expect(moved).toMatchObject({ label: 'Bay 7', rating: { limit_a: 16 }, phases: ['l3'] })
  expect(depot.evse('N').label).toBe('Bay 7')
  expect((await ask('PUT', '/stations/N', place({ fallback_a: 36 }))).status).toBe(422)
  expect((await ask('PUT', '/stations/N', place({ evse: 2 }))).status).toBe(409)
  expect((await ask('PUT', '/stations/none', place({}))).status).toBe(404)
})
