import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { FactType, FactTypes } from '../domain/facts.ts'
import { storedFact } from '../domain/ports/fact-line.ts'
import { SECRET } from './depot-of.ts'
import { SpokenStation } from './spoken-station.ts'
import { TestDepot } from './test-depot.ts'

let depot: TestDepot
afterEach(() => depot.stop())

async function ask(method: string, path: string, body?: object): Promise<unknown> {
  let answer: unknown = null
  const headers = { 'content-type': 'application/json' }
  const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  void fetch(`${depot.edge.httpAddress}/api/v1${path}`, sent).then(async (response) => {
    answer = await response.json()
  })
  await depot.untilReally(`${method} ${path}`, async () => answer !== null)
  return answer
}
const change = (station: string) => ask('POST', `/stations/${station}/commands`, { kind: 'change-password' })

const lines = async () =>
  (await depot.edge.control.depot.deps.factLog.read(0, 10_000)).map(({ line }) => line)
async function facts<T extends FactType>(type: T): Promise<FactTypes[T][]> {
  const all = (await lines()).map((line) => storedFact(line).fact)
  return all.flatMap((fact) => (fact.type === type ? [fact.data as FactTypes[T]] : []))
}

/** Whether this secret lets a station in; it hangs up at once. */
function opens(id: string, secret: string | Buffer): Promise<boolean> {
  const pair = Buffer.concat([Buffer.from(`${id}:`), Buffer.from(secret)])
  const headers = { authorization: `Basic ${pair.toString('base64')}` }
  const socket = new WebSocket(`${depot.edge.ocppAddress}/ocpp/${id}`, ['ocpp1.6'], { headers })
  return new Promise((resolve) => {
    socket.on('error', () => resolve(false))
    socket.on('open', () => {
      socket.on('close', () => resolve(true))
      socket.close()
    })
  })
}

describe('a simulated station', () => {
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

  test.each([
    ['S16', 'TC_073'],
    ['S201', 'TC_A_09'],
  ])('%s, %s: gets a new secret, comes back with it, and the old one lets nobody in', async (station) => {
    expect(await change(station)).toMatchObject({ status: 'accepted' })
    expect(await facts('StationSecretAnswered')).toMatchObject([{ station, answer: 'accepted' }])
    await depot.cut(station)
    depot.depot.station(station).restoreLink()
    await depot.until('it is back', () => depot.evse(station).online, minutes(5))
    const [offered] = await facts('StationSecretOffered')
    expect(await facts('StationSecretChanged')).toEqual([{ station, sha256: offered?.sha256 }])
    await depot.cut(station)
    expect(await opens(station, SECRET)).toBe(false)
    depot.depot.station(station).restoreLink()
    await depot.until('it is back again', () => depot.evse(station).online, minutes(5))
  })

  test('that has a new secret still gets in after a restart of the controller', async () => {
    await change('S16')
    await depot.restartEdge()
    await depot.until('it is back', () => depot.evse('S16').online, minutes(5))
    expect(await facts('StationSecretChanged')).toMatchObject([{ station: 'S16' }])
    await depot.restartEdge()
    await depot.until('it is back again', () => depot.evse('S16').online, minutes(5))
  })
})

describe('a station that a test speaks for', () => {
  let station: SpokenStation
  beforeEach(async () => {
    depot = await TestDepot.start({
      gridA: 200,
      otherA: 10,
      feeders: [{ id: 'f1', ratingA: 80 }],
      stations: [],
      foreign: [{ id: 'F', feeder: 'f1' }],
    })
    station = await SpokenStation.connect(depot.edge.ocppAddress, 'F')
    await station.boot()
  })
  const keyOf = ({ payload }: { payload: Readonly<Record<string, unknown>> } = { payload: {} }) =>
    String(payload.value)
  const changes = () => station.asked.filter(({ payload }) => payload.key === 'AuthorizationKey')

  test('TC_073: until it has come back with the new secret either lets it in, and no secret stands anywhere', async () => {
    expect(await change('F')).toMatchObject({ status: 'accepted' })
    const hex = keyOf(changes()[0])
    const text = Buffer.from(hex, 'hex').toString()
    expect(text).toMatch(/^[A-Za-z0-9]{20}$/)
    await station.close()
    expect(await opens('F', SECRET)).toBe(true)
    expect(await opens('F', text)).toBe(true)
    expect(await opens('F', SECRET)).toBe(false)
    const records = (await lines()).join()
    const messages = JSON.stringify(await ask('GET', '/messages?limit=1000'))
    for (const where of [records, messages])
      for (const secret of [hex, text]) expect(where).not.toContain(secret)
    expect(messages).toContain('AuthorizationKey')
  })

  test('TC_A_10: that refuses a new secret keeps the old one, and the new one is good for nothing', async () => {
    station.answers = { ChangeConfiguration: { status: 'Rejected' } }
    expect(await change('F')).toMatchObject({ status: 'rejected' })
    const text = Buffer.from(keyOf(changes()[0]), 'hex')
    await station.close()
    expect(await opens('F', text)).toBe(false)
    expect(await opens('F', SECRET)).toBe(true)
    expect(await facts('StationSecretChanged')).toEqual([])
  })

  test('TC_073: takes a secret of an engineer too, whose hash alone is kept', async () => {
    const value = Buffer.from('engineer-secret-0123').toString('hex')
    const raw = await ask('POST', '/stations/F/ocpp/ChangeConfiguration', { key: 'AuthorizationKey', value })
    expect(raw).toEqual({ result: { status: 'Accepted' } })
    expect((await lines()).join()).not.toContain(value)
    await station.close()
    await depot.pass(seconds(1))
    expect(await opens('F', 'engineer-secret-0123')).toBe(true)
    expect(await opens('F', SECRET)).toBe(false)
  })

  test('cannot be given one as a variable, under any of its names', async () => {
    for (const name of ['AuthorizationKey', 'SecurityCtrlr.BasicAuthPassword', 'basicauthpassword']) {
      const asked = { kind: 'set-variable', name, value: 'x'.repeat(20) }
      expect(await ask('POST', '/stations/F/commands', asked)).toMatchObject({ status: 'rejected' })
    }
    expect(changes()).toEqual([])
  })
})
