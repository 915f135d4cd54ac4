import { as, type StationId } from '@busbar/model/ids.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stationRecords } from '../../domain/charging/station.ts'
import { QuirkDepot } from './quirk-depot.ts'

const LIST = 'MeterValuesSampledData'
const WORKS = ['Current.Import', 'Energy.Active.Import.Register']

const ODD = {
  unread: { quirks: { 'config.never-read': [LIST] } },
  unwritten: { quirks: { 'config.never-write': ['ClockAlignedDataInterval'] } },
  few: { quirks: { 'config.read-only-these': ['HeartbeatInterval', LIST] } },
  alias: { quirks: { 'config.alias': { HeartbeatInterval: 'HeartBeatIntervall' } } },
  tenths: { quirks: { 'config.unit-factor': { ConnectionTimeOut: 10 } } },
  secrets: { quirks: { 'config.secret-keys': ['PortalPin'] } },
  fixed: { quirks: { 'measurands.fixed': WORKS } },
  removed: { quirks: { 'measurands.remove': ['SoC'] } },
  singly: { quirks: { 'measurands.one-by-one': true } },
  own: { quirks: { 'measurands.from-key': 'evb_SupportedMeasurands' } },
  closed: { quirks: { 'measurands.read-only': true } },
  touchy: { quirks: { 'availability.never-set': true } },
  boston: { quirks: { 'clock.zone': 'America/New_York' } },
  local: { quirks: { 'clock.distrust-after-boot-s': 120 } },
  suffix: { quirks: { 'id-token.strip-suffix': '_' } },
  short: { quirks: { 'id-token.max-length': 10 } },
  plug: { quirks: { 'id-token.from-key': 'PlugAndChargeIdentifier' } },
  long: { quirks: { 'validate.max-length': { chargePointSerialNumber: 40, chargePointModel: 30 } } },
  pinned: { quirks: { 'tls.pinned-root': true } },
  upload: { quirks: { 'tls.needs-ca-upload': true } },
} as const
type Id = keyof typeof ODD

let depot: QuirkDepot
beforeAll(async () => {
  depot = await QuirkDepot.start(ODD)
})
afterAll(() => depot.stop())

const record = (id: Id) => depot.test.edge.control.depot.memory.table(stationRecords).get(as<StationId>(id))
const read = (id: Id, names: readonly string[] | 'all') => depot.ask(id, { kind: 'get-variables', names })
const write = (id: Id, name: string, value: string) => depot.ask(id, { kind: 'set-variable', name, value })
const restarts = (id: Id) => depot.happened(id, 'boot').length - 1

test('config.never-read: a key that makes the station restart is not asked for, alone, with others or among all', async () => {
  expect(await read('unread', [LIST])).toMatchObject({ status: 'rejected' })
  expect(await read('unread', 'all')).toMatchObject({ status: 'rejected' })
  expect(await read('unread', ['HeartbeatInterval', LIST])).toMatchObject({
    status: 'accepted',
    variables: [{ name: 'HeartbeatInterval' }],
  })
  expect(await depot.ocpp('unread', 'GetConfiguration', {})).not.toMatchObject({ http: 200 })
  await depot.pass(30)
  expect(restarts('unread')).toBe(0)
})

test('config.never-write: a key that does harm is not written, by a command or by hand', async () => {
  expect(await write('unwritten', 'clockaligneddatainterval', '60')).toMatchObject({ status: 'rejected' })
  await depot.ocpp('unwritten', 'ChangeConfiguration', { key: 'ClockAlignedDataInterval', value: '60' })
  await depot.pass(30)
  expect(restarts('unwritten')).toBe(0)
})

test('config.read-only-these: a request for all keys asks for those that may be read', async () => {
  const answer = await read('few', 'all')
  expect(answer).toMatchObject({ variables: [{ name: 'HeartbeatInterval' }, { name: LIST }] })
  expect(await read('few', ['ConnectionTimeOut'])).toMatchObject({ status: 'rejected' })
  await depot.pass(30)
  expect(restarts('few')).toBe(0)
})

test('config.alias: a key with another name is read and written under the one of the standard', async () => {
  expect(await write('alias', 'HeartbeatInterval', '90')).toMatchObject({ status: 'accepted' })
  expect(await read('alias', ['HeartbeatInterval'])).toMatchObject({
    variables: [{ name: 'HeartbeatInterval', value: '90' }],
  })
})

test('config.unit-factor: a value in tenths is read and written in whole ones', async () => {
  expect(await write('tenths', 'ConnectionTimeOut', '40')).toMatchObject({ status: 'accepted' })
  expect((await depot.calls('tenths', 'ChangeConfiguration')).at(-1)).toMatchObject({ value: '400' })
  expect(await read('tenths', ['ConnectionTimeOut'])).toMatchObject({ variables: [{ value: '40' }] })
})

test('config.secret-keys: a password that a station shows is masked in the answer and in the message log', async () => {
  const answer = await read('secrets', 'all')
  expect(answer.variables).toContainEqual({ name: 'PortalPin', value: null, readonly: false })
  await depot.pass(2)
  const url = `${depot.test.edge.httpAddress}/api/v1/messages?station=secrets&action=GetConfiguration`
  const log = await (await fetch(url)).text()
  expect(log).toContain('PortalPin')
  expect(log).not.toContain('depot-1234')
})

test('measurands.fixed: whatever list is asked for, the one that works is written', async () => {
  expect(await write('fixed', LIST, 'SoC,Frequency')).toMatchObject({ status: 'accepted' })
  expect(await read('fixed', [LIST])).toMatchObject({ variables: [{ value: WORKS.join(',') }] })
})

test('measurands.remove: a measurand that it gets wrong is left out', async () => {
  expect(await write('removed', LIST, `SoC,${WORKS.join(',')}`)).toMatchObject({ status: 'accepted' })
  expect(await read('removed', [LIST])).toMatchObject({ variables: [{ value: WORKS.join(',') }] })
  expect(await write('removed', LIST, 'SoC')).toMatchObject({ status: 'rejected' })
})

test('measurands.one-by-one: a list is written one at a time to a station that refuses lists', async () => {
  expect(await write('singly', LIST, WORKS.join(','))).toMatchObject({ status: 'accepted' })
  expect(await read('singly', [LIST])).toMatchObject({ variables: [{ value: WORKS.join(',') }] })
})

test('measurands.from-key: what it can send is read from its own key, and told under the usual name', async () => {
  expect(await read('own', [LIST])).toMatchObject({
    status: 'accepted',
    variables: [{ name: LIST, value: expect.stringContaining('Energy.Active.Import.Register') }],
  })
})

test('measurands.read-only: nothing is written where nothing can be', async () => {
  expect(await write('closed', LIST, WORKS.join(','))).toMatchObject({
    status: 'rejected',
    reason: expect.stringContaining('fixed'),
  })
  expect(await depot.calls('closed', 'ChangeConfiguration')).toEqual([])
})

test('availability.never-set: a station that goes silent when its availability is changed is left alone', async () => {
  const answer = await depot.ask('touchy', { kind: 'set-availability', evse: 1, operative: false })
  expect(answer).toMatchObject({ status: 'rejected' })
  await depot.ocpp('touchy', 'ChangeAvailability', { connectorId: 0, type: 'Operative' })
  await depot.pass(5)
  expect(depot.seen('touchy').online).toBe(true)
  expect(await depot.calls('touchy', 'ChangeAvailability')).toEqual([])
})

test('clock.zone: local time without a zone is read where the station stands', async () => {
  depot.plugIn('boston')
  await depot.until('it charges', () => depot.drawA('boston') > 5)
  const [transaction] = await depot.transactions('boston')
  const startedAt = Date.parse(String(transaction?.started_at))
  expect(Math.abs(depot.test.clock.now() - startedAt)).toBeLessThan(120_000)
})

test('clock.distrust-after-boot-s: a stamp right after a boot gives way to the time of receipt', () => {
  const now = depot.test.clock.now()
  expect(record('local')?.connectors['1']?.since).toBeLessThanOrEqual(now)
  expect(record('local')?.connectors['1']?.since).toBeGreaterThan(now - 300_000)
})

test('id-token.strip-suffix: a badge with the number of its reader behind it is the badge', async () => {
  depot.plugIn('suffix')
  await depot.until('it charges', () => depot.drawA('suffix') > 5)
  const [transaction] = await depot.transactions('suffix')
  expect(transaction).toMatchObject({ vehicle: 'v-suffix' })
})

test('id-token.max-length: a longer token is not sent, and a garbled one in a stop is none', async () => {
  const start = { kind: 'request-start', evse: 1, id_token: 'A-TOKEN-TOO-LONG' }
  expect(await depot.ask('short', start)).toMatchObject({ status: 'rejected' })
  expect(await depot.calls('short', 'RemoteStartTransaction')).toEqual([])
  depot.plugIn('short')
  await depot.until('it charges', () => depot.drawA('short') > 5)
  depot.at('short').unplug()
  await depot.pass(10)
  const [transaction] = await depot.transactions('short')
  const ends = (await depot.facts('TransactionEnded')).filter(
    (end) => end.transaction === transaction?.transaction,
  )
  expect(ends).toMatchObject([{ suspect: null }])
})

test('id-token.from-key: a station that starts for its own token alone is started with it, for the driver who is meant', async () => {
  depot.plugIn('plug', { idToken: 'STRANGER' })
  await depot.pass(5)
  const start = { kind: 'request-start', evse: 1, id_token: 'TAG-v-plug' }
  expect(await depot.ask('plug', start)).toMatchObject({ status: 'accepted' })
  await depot.until('it charges', () => depot.drawA('plug') > 5)
  expect(await depot.calls('plug', 'StartTransaction')).toMatchObject([{ idTag: 'STATION-OWN' }])
  expect(await depot.transactions('plug')).toMatchObject([{ vehicle: 'v-plug' }])
})

test('validate.max-length: texts longer than the standard allows are kept in full', () => {
  expect(record('long')?.serial).toHaveLength(40)
  expect(record('long')?.model).toHaveLength(30)
})

test.each([
  ['tls.pinned-root', 'pinned', 'firmware'],
  ['tls.needs-ca-upload', 'upload', 'person'],
] as const)('%s: no root is sent, and the reason says what to do', async (_key, id, reason) => {
  const root = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----'
  const command = { kind: 'install-certificate', use: 'CSMSRootCertificate', certificate: root } as const
  expect(await depot.send(id, command)).toMatchObject({
    status: 'rejected',
    reason: expect.stringContaining(reason),
  })
  expect(await depot.calls(id, 'InstallCertificate')).toEqual([])
})
