import { as, type StationId } from '@busbar/model/ids.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stationRecords } from '../../domain/charging/station.ts'
import { TestDepot } from '../test-depot.ts'
import { QuirkDepot } from './quirk-depot.ts'

const ODD = {
  offers: { quirks: { 'handshake.assume-protocol': 'ocpp1.6' } },
  pathless: { quirks: { 'handshake.identity-from': 'basic-user' } },
  shouts: { quirks: { 'handshake.user-case': 'ignore' } },
  digits: { quirks: { 'handshake.password-encoding': 'hex-text' } },
  browser: { quirks: { 'handshake.allow-origin': 'file://' } },
  numbers: { quirks: { 'framing.numeric-ids': true } },
  bom: { quirks: { 'framing.strip': 'bom' } },
  nul: { quirks: { 'framing.strip': 'nul' } },
  pongless: { quirks: { 'liveness.proof': 'any-frame' } },
  stuck: { quirks: { 'liveness.proof': 'heartbeat' } },
  silent: { quirks: { 'liveness.offline-grace-s': 600 } },
  lost: { quirks: { 'liveness.manual-restart-after-s': 120 } },
  nameless: { quirks: { 'boot.allow-empty-vendor': true } },
  shy: { quirks: { 'boot.trigger-after-s': 5 } },
  slow: { quirks: { 'boot.wait-s': 40 } },
} as const
type Id = keyof typeof ODD

let depot: QuirkDepot
beforeAll(async () => {
  depot = await QuirkDepot.start(ODD)
})
afterAll(() => depot.stop())

const shown = (id: Id) =>
  depot.test.edge.control.stations().find((station) => station.id === as<StationId>(id))
const disconnected = async (id: Id) =>
  (await depot.facts('StationDisconnected')).filter(({ station }) => station === id)
const boots = async (id: Id) => (await depot.facts('StationBooted')).filter(({ station }) => station === id)

test.each<[Id, string]>([
  [
    'offers',
    'handshake.assume-protocol: a station that offers no sub-protocol is spoken to as its profile says',
  ],
  ['pathless', 'handshake.identity-from: a station whose path names nobody is known by its credentials'],
  ['shouts', 'handshake.user-case: a station that writes its own name in capitals is let in'],
  ['digits', 'handshake.password-encoding: a secret that comes as hexadecimal digits is the same secret'],
  ['browser', 'handshake.allow-origin: a station that sends an Origin header is no browser'],
  ['numbers', 'framing.numeric-ids: a station that numbers its messages has its answers'],
  ['bom', 'framing.strip bom: frames behind a byte order mark are read'],
  ['nul', 'framing.strip nul: frames with a NUL at their end are read'],
])('%s: %s', async (id) => {
  expect(shown(id)).toMatchObject({
    online: true,
    protocol: 'ocpp1.6',
    profile: { id: `quirks-of-${id}`, matched_by: 'configuration' },
  })
  depot.plugIn(id)
  await depot.until('it charges', () => depot.drawA(id) > 5)
  expect(await disconnected(id)).toEqual([])
})

test('liveness.proof any-frame: a station that answers no ping stays while it sends heartbeats', async () => {
  await depot.pass(150)
  expect(shown('pongless')?.online).toBe(true)
  expect(await disconnected('pongless')).toEqual([])
})

test('liveness.proof heartbeat: a station that answers pings and says nothing is cut, and comes back', async () => {
  depot.at('stuck').silence('Heartbeat')
  await depot.pass(240)
  expect(await disconnected('stuck')).toMatchObject([{ reason: 'no sign of life' }])
  depot.at('stuck').speak('Heartbeat')
  await depot.until('it is back', () => shown('stuck')?.online === true)
})

test('liveness.offline-grace-s: silence that the profile says is none of a dead link leaves it up', async () => {
  expect(await disconnected('silent')).toEqual([])
  expect(shown('silent')?.online).toBe(true)
})

test('liveness.manual-restart-after-s: a station that stays away is reported for a restart by hand until it is back', async () => {
  const warned = async () => {
    const health = await (await fetch(`${depot.test.edge.httpAddress}/health`)).text()
    return health.includes('station.restart-needed.lost')
  }
  await depot.test.cut('lost')
  depot.at('lost').restoreLink()
  depot.at('lost').cutLink()
  await depot.pass(100)
  expect(await warned()).toBe(false)
  await depot.pass(25)
  expect(await warned()).toBe(true)
  depot.at('lost').restoreLink()
  await depot.until('it is back', () => shown('lost')?.online === true)
  expect(await warned()).toBe(false)
})

test('liveness.close drop: a station that never dials again after a goodbye is back after a restart of the depot', async () => {
  const drops = await QuirkDepot.start({
    jigu: { quirks: { 'liveness.close': 'drop' } },
    other: { quirks: {} },
  })
  await drops.test.restartEdge()
  await drops.test.until('both are back', () => drops.test.live().stations.online === 2, seconds(120))
  await drops.stop()
})

test('a station that comes back without a boot after a restart of the depot is taken for what it said before', async () => {
  const test = await TestDepot.start({
    ...{ gridA: 100, otherA: 0, feeders: [{ id: 'f1', ratingA: 63 }] },
    stations: [{ id: 'A-01', feeder: 'f1' }],
  })
  const shownBy = async () => {
    const answer = await fetch(`${test.edge.httpAddress}/api/v1/stations`)
    return ((await answer.json()) as { stations: { profile: object | null }[] }).stations[0]?.profile
  }
  await test.pass(seconds(30))
  const taken = { id: 'busbar-virtual-ac', matched_by: 'model', tier: 'bench', quirks: [], warnings: [] }
  expect(await shownBy()).toMatchObject(taken)
  await test.restartEdge()
  await test.until('it is back', () => test.live().stations.online === 1)
  expect(await shownBy()).toMatchObject(taken)
  await test.stop()
})

test('boot.allow-empty-vendor: a station without a vendor is accepted, and charges', async () => {
  expect(await boots('nameless')).toMatchObject([{ vendor: '', station_profile: 'quirks-of-nameless' }])
  const records = depot.test.edge.control.depot.memory.table(stationRecords)
  expect(records.get(as<StationId>('nameless'))).toMatchObject({ vendor: '' })
})

test('boot.trigger-after-s: a station that does not boot by itself is asked to, once', async () => {
  const asked = (await depot.calls('shy', 'TriggerMessage')).filter(
    ({ requestedMessage }) => requestedMessage === 'BootNotification',
  )
  expect(asked).toHaveLength(1)
  expect(await boots('shy')).toHaveLength(1)
})

test('boot.wait-s: a station that boots late is sent limits alone until it has', async () => {
  expect(depot.happened('slow', 'disturbed')).toEqual([])
  expect(await boots('slow')).toHaveLength(1)
  expect(await depot.calls('slow', 'SetChargingProfile')).not.toEqual([])
})
