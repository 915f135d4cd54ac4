import { Buffer } from 'node:buffer'
import { minutes, seconds } from '@busbar/units/time.ts'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { FactType, FactTypes } from '../domain/facts.ts'
import { storedFact } from '../domain/ports/fact-line.ts'
import { SECRET } from './depot-of.ts'
import { SpokenStation } from './spoken-station.ts'
import { TestDepot } from './test-depot.ts'

/** What becomes of attacks inside: facts, incidents, what is shown. The real edge program, real sockets. */
let depot: TestDepot
let station: SpokenStation
/** All that the edge has logged. */
let logged: string[]
beforeEach(async () => {
  logged = []
  const write = (line: string) => void logged.push(line)
  depot = await TestDepot.start({
    log: pino({ level: 'trace' }, { write }),
    gridA: 200,
    otherA: 10,
    feeders: [{ id: 'f1', ratingA: 100 }],
    stations: [],
    foreign: ['X', 'Y'].map((id) => ({ id, feeder: 'f1' })),
    vehicles: ['v1'],
  })
  station = await SpokenStation.connect(depot.edge.ocppAddress, 'X')
  await station.boot()
  await depot.until('the start-up is over', () => depot.edge.control.depot.ready, minutes(2))
})
afterEach(async () => {
  await station.close()
  await depot.stop()
})

const at = () => new Date(depot.clock.now()).toISOString()
/** The status that a connection is refused with; 0 when it is cut without one. */
const refusedWith = (id: string, user: string | null, secret = 'wrong-secret-01234') =>
  new Promise<number>((resolve) => {
    const authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
    const headers = user === null ? {} : { authorization }
    const socket = new WebSocket(`${depot.edge.ocppAddress}/ocpp/${id}`, ['ocpp1.6'], { headers })
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => resolve(0))
    socket.on('open', () => resolve(101))
  })
async function facts<T extends FactType>(type: T): Promise<FactTypes[T][]> {
  const records = await depot.edge.control.depot.deps.factLog.read(0, 10_000)
  const all = records.map(({ line }) => storedFact(line).fact)
  return all.flatMap((fact) => (fact.type === type ? [fact.data as FactTypes[T]] : []))
}
const noticed = async () =>
  (await facts('SecurityEventNoticed')).map(({ event, station: about, reason }) => [event, about, reason])
const incidents = () =>
  depot.live().incidents.map(({ code, severity, subject }) => `${severity} ${code} ${subject}`)

test('S01 a connection without a secret leaves an event and no station', async () => {
  expect(await refusedWith('NOBODY', null)).toBe(401)
  await depot.pass(seconds(2))
  expect(await noticed()).toEqual([['access-refused', null, 'no-credentials']])
  expect(depot.edge.control.stations().map(({ id }) => id)).toEqual(['X', 'Y'])
  expect(await facts('StationConnected')).toHaveLength(1)
})

test('S03 ways to be wrong that look the same outside are events of their own inside', async () => {
  for (const [id, user, secret] of [
    ['Y', null],
    ['Y', 'X', SECRET],
    ['NOBODY', 'NOBODY'],
    ['Y', 'Y'],
  ] as const)
    expect(await refusedWith(id, user, secret)).toBe(401)
  await depot.pass(seconds(2))
  expect(await noticed()).toEqual([
    ['access-refused', 'Y', 'no-credentials'],
    ['access-refused', 'Y', 'user-mismatch'],
    ['access-refused', null, 'unknown-station'],
    ['access-refused', 'Y', 'wrong-secret'],
  ])
  expect(incidents()).toEqual([])
})

test('S05 a hundred names tried are one incident, which ends ten minutes after', async () => {
  for (let tried = 0; tried < 100; tried++) await refusedWith(`STATION-${tried}`, `STATION-${tried}`)
  await depot.pass(seconds(2))
  expect(incidents()).toHaveLength(1)
  expect(incidents()[0]).toContain('2 access.enumerated')
  expect((await noticed()).map(([event]) => event)).toEqual(['access-refused', 'access-enumerated'])
  await depot.pass(minutes(11))
  expect(incidents().filter((text) => text.includes('access'))).toEqual([])
})

test('S02 ten wrong secrets for one station are one incident about it', async () => {
  for (let tried = 0; tried < 12; tried++) await refusedWith('Y', 'Y')
  await depot.pass(seconds(2))
  expect(incidents().filter((text) => text.includes('access'))).toHaveLength(1)
  expect(incidents().join()).toContain('2 access.guessed')
})

test('S06 a copy of a station is an incident to act on now, with both addresses', async () => {
  expect(await refusedWith('X', 'X', SECRET)).toBe(409)
  await depot.pass(seconds(2))
  expect(incidents().filter((text) => text.startsWith('1 identity.duplicate'))).toHaveLength(1)
  const [duplicate] = (await facts('SecurityEventNoticed')).filter(
    ({ event }) => event === 'identity-duplicate',
  )
  expect(duplicate?.reason).toContain('127.0.0.1:')
  expect(duplicate?.remote_address).toMatch(/^127\.0\.0\.1:/)
  expect(await station.say('Heartbeat')).toHaveProperty('currentTime')
})

describe('S20 the end of a transaction told by a station that it does not run at', () => {
  const run = async () => {
    const start = { connectorId: 1, idTag: 'TAG-v1', meterStart: 1000, timestamp: at() }
    const { transactionId } = await station.say('StartTransaction', start)
    const other = await SpokenStation.connect(depot.edge.ocppAddress, 'Y')
    await other.boot()
    return { transactionId, other }
  }
  test('S20 is answered, applied to nobody, kept, and an incident', async () => {
    const { transactionId, other } = await run()
    const stop = { transactionId, meterStop: 9_000_000, timestamp: at() }
    expect(await other.say('StopTransaction', stop)).toEqual({})
    await depot.pass(seconds(2))
    expect(await depot.transactions()).toMatchObject([{ station: 'X', ended_at: null }])
    expect(await facts('OrphanReported')).toMatchObject([{ station: 'Y' }])
    expect(await noticed()).toMatchObject([
      ['foreign-transaction', 'Y', expect.stringContaining('station X')],
    ])
    expect(incidents().join()).toContain('station.foreign-transaction')
    await station.say('StopTransaction', { transactionId, meterStop: 2000, timestamp: at() })
    expect(await depot.transactions()).toMatchObject([{ station: 'X', energy_wh: 1000 }])
    await other.close()
    // It waits for a person, who looks at it and says why it means nothing.
    const url = `${depot.edge.httpAddress}/api/v1/doubts`
    const listed = async () => ((await (await fetch(url)).json()) as { doubts: { doubt: string }[] }).doubts
    const [orphan] = await listed()
    expect(orphan).toMatchObject({ kind: 'orphan', station: 'Y', record: expect.stringContaining('9000000') })
    const settle = (doubt: string, body: object) =>
      fetch(`${url}/${encodeURIComponent(doubt)}/settle`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then(({ status }) => status)
    const dismissed = { resolution: 'dismissed', reason: 'a copied station' }
    expect(await settle(orphan?.doubt ?? '', { resolution: 'dismissed' })).toBe(400)
    expect(await settle('none', dismissed)).toBe(404)
    expect(await settle(orphan?.doubt ?? '', { ...dismissed, resolution: 'corrected' })).toBe(409)
    expect(await settle(orphan?.doubt ?? '', dismissed)).toBe(204)
    expect(await listed()).toEqual([])
    expect(await facts('DoubtSettled')).toMatchObject([{ reason: 'a copied station', station: 'Y' }])
  })
})

test('S69 passwords and tokens of stations and people are in no line of the log, and in no fact about an attack', async () => {
  const CANARY = 'CANARY-7f3a9c0de1b2'
  expect(await refusedWith('Y', 'Y', CANARY)).toBe(401)
  expect(await refusedWith('X', 'X', `${SECRET}-${CANARY}`)).toBe(401)
  const start = { connectorId: 1, idTag: 'TAG-v1', meterStart: 1000, timestamp: at() }
  const { transactionId } = await station.say('StartTransaction', start)
  await station.say('StopTransaction', { transactionId, idTag: CANARY, meterStop: 2000, timestamp: at() })
  await station.say('DataTransfer', { vendorId: 'com.example', data: CANARY })
  await depot.pass(seconds(5))
  expect(logged.length).toBeGreaterThan(3)
  for (const canary of [CANARY, SECRET, 'TAG-v1'])
    expect(logged.filter((line) => line.includes(canary))).toEqual([])
  expect(JSON.stringify(await facts('SecurityEventNoticed'))).not.toContain(CANARY)
})

test('S23 what a station says of itself is told as text, whatever stands in it', async () => {
  const evil = '<script>alert(1)</script>\r\n\u001b[31m'
  await station.say('BootNotification', { chargePointVendor: evil, chargePointModel: evil })
  await station.say('Authorize', { idTag: '<b>\r\n' })
  await depot.pass(seconds(2))
  for (const line of logged) {
    expect(line.trimEnd()).not.toContain('\n')
    expect(line).not.toContain('\u001b')
  }
  const answer = await fetch(`${depot.edge.httpAddress}/api/v1/stations`)
  expect(answer.headers.get('content-type')).toContain('application/json')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(await answer.text()).toContain('<script>alert(1)</script>')
})
