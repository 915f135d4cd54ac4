import { as, type IdToken } from '@busbar/model/ids.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { QuirkDepot } from './quirk-depot.ts'

const ODD = {
  always: { quirks: { 'start.connector': 'always' } },
  any: { quirks: { 'start.connector': 'zero-when-none' } },
  auto: { quirks: { 'start.auto': true } },
  'auto-no': { quirks: { 'start.auto': true }, version: '2.0.1' },
  delay: { quirks: { 'start.min-delay-s': 60 } },
  limit: { quirks: { 'stop.by': 'limit' } },
  remote: { quirks: { 'stop.by': 'remote-stop' } },
  none: { quirks: { 'transaction.none-ids': [9999] } },
  orphan: { quirks: { 'transaction.stop-ids-ignored': [0] } },
  local: { quirks: { 'transaction.local-ids': true } },
  'local-2': { quirks: { 'transaction.local-ids': true } },
  infer: { quirks: { 'transaction.infer-start': true } },
  'infer-2': { quirks: { 'transaction.infer-start': true } },
  refuse: { quirks: { 'transaction.never-refuse': true } },
  starts: { quirks: { 'transaction.start-means-stop': true } },
} as const
type Id = keyof typeof ODD
const LATER: readonly string[] = ['always', 'any', 'auto', 'auto-no', 'refuse']

let depot: QuirkDepot
const startWh: Record<string, number> = {}
beforeAll(async () => {
  depot = await QuirkDepot.start(ODD)
  for (const id of Object.keys(ODD)) {
    startWh[id] = depot.at(id).read().registerWh
    if (!LATER.includes(id)) depot.plugIn(id)
  }
  await depot.pass(60)
})
afterAll(() => depot.stop())

const flowed = (id: Id) => depot.at(id).read().registerWh - (startWh[id] ?? 0)
const start = (id: Id, evse: number) => {
  const idToken = as<IdToken>(`TAG-v-${id}`)
  return depot.send(id, { kind: 'request-start', evse, idToken })
}
const stop = (id: Id) => depot.ask(id, { kind: 'request-stop', transaction: depot.seen(id).transaction })

test('start.connector always: a start from here names its connector', async () => {
  depot.plugIn('always', { idToken: 'STRANGER' })
  await depot.pass(3)
  expect(await start('always', 1)).toMatchObject({ status: 'accepted' })
  await depot.until('it charges', () => depot.drawA('always') > 5)
})

test('start.connector zero-when-none: a start anywhere says 0', async () => {
  depot.plugIn('any', { idToken: 'STRANGER' })
  await depot.pass(3)
  expect(await start('any', 0)).toMatchObject({ status: 'accepted' })
  await depot.until('it charges', () => depot.drawA('any') > 5)
})

test('start.auto: what is plugged in is started once, for the identity of its station, with room kept all along', async () => {
  expect(depot.heldA('auto')).toBe(6)
  depot.allow('auto')
  depot.plugIn('auto')
  await depot.until('it charges', () => depot.drawA('auto') > 5)
  expect(depot.heldA('auto')).toBeGreaterThanOrEqual(depot.drawA('auto'))
  await stop('auto')
  await depot.pass(70)
  expect(await depot.transactions('auto')).toMatchObject([{ id_token: 'auto', reason: 'Remote' }])
})

test('start.auto: nor is it started while the identity of the station may not charge', async () => {
  depot.plugIn('auto-no')
  await depot.pass(10)
  expect(depot.at('auto-no').charging).toBe(false)
  depot.allow('auto-no')
  await depot.until('it charges', () => depot.drawA('auto-no') > 5)
})

test('start.min-delay-s: a start too soon after a stop is not sent, and one later is', async () => {
  expect(await stop('delay')).toMatchObject({ status: 'accepted' })
  await depot.pass(5)
  expect(await start('delay', 1)).toMatchObject({
    status: 'rejected',
    reason: expect.stringContaining('so soon'),
  })
  expect(await depot.calls('delay', 'RemoteStartTransaction')).toEqual([])
  await depot.pass(60)
  expect(await start('delay', 1)).toMatchObject({ status: 'accepted' })
  await depot.until('it charges', () => depot.drawA('delay') > 5)
})

test('stop.by limit: a pause is a limit, so the same transaction goes on after it', async () => {
  depot.override('limit', 0)
  await depot.until('it is paused', () => depot.drawA('limit') === 0)
  depot.override('limit', 16)
  await depot.until('it charges again', () => depot.drawA('limit') > 6)
  expect(await depot.calls('limit', 'RemoteStopTransaction')).toEqual([])
  expect(await depot.transactions('limit')).toHaveLength(1)
})

test('stop.by remote-stop: a pause of a station that charges on at 0 is a stop', async () => {
  depot.override('remote', 0)
  await depot.until('it has stopped', () => depot.drawA('remote') === 0)
  expect((await depot.transactions('remote')).map(({ reason }) => reason)).toEqual(['Remote'])
})

test('transaction.none-ids: values under a number that means none belong to the transaction that runs', async () => {
  expect(depot.seen('none').energy_wh).toBeGreaterThan(0)
  const [transaction] = await depot.transactions('none')
  const read = await depot.facts('TransactionEnergyRead')
  expect(read.map((fact) => fact.transaction)).toContain(transaction?.transaction)
})

test('transaction.stop-ids-ignored: a stop that belongs to nothing ends nothing, and is kept', async () => {
  expect(depot.at('orphan').charging).toBe(true)
  expect((await depot.transactions('orphan')).map(({ ended_at }) => ended_at)).toEqual([null])
  expect((await depot.facts('OrphanReported')).filter(({ station }) => station === 'orphan')).toHaveLength(1)
})

test('transaction.local-ids: a station with names of its own is limited and stopped by them', async () => {
  depot.override('local', 10)
  await depot.until('it follows', () => Math.abs(depot.drawA('local') - 10) < 0.5)
  expect(await stop('local')).toMatchObject({ status: 'accepted' })
  await depot.pass(5)
  expect(await depot.transactions('local')).toMatchObject([{ reason: 'Remote', energy_wh: flowed('local') }])
})

test('transaction.infer-start: a start that was never told is on the books, with the energy since', async () => {
  const [transaction] = await depot.transactions('infer')
  expect(transaction).toMatchObject({ id_token: 'TAG-v-infer', ended_at: null })
  expect(depot.heldA('infer')).toBeGreaterThanOrEqual(depot.drawA('infer'))
  depot.at('infer').unplug()
  await depot.pass(5)
  const [ended] = await depot.transactions('infer')
  expect(ended?.ended_at).not.toBeNull()
  expect(ended?.energy_wh).toBeGreaterThan(flowed('infer') * 0.7)
})

test('transaction.never-refuse: a stranger is stopped from here, not refused, and its stop is no orphan', async () => {
  await depot.ask('refuse', { kind: 'set-variable', name: 'AllowOfflineTxForUnknownId', value: 'true' })
  await depot.test.cut('refuse')
  depot.plugIn('refuse', { idToken: 'STRANGER' })
  await depot.pass(5)
  expect(depot.at('refuse').charging).toBe(true)
  depot.at('refuse').restoreLink()
  await depot.until('it is back', () => depot.seen('refuse').online)
  await depot.pass(10)
  expect(depot.at('refuse').charging).toBe(false)
  expect(depot.happened('refuse', 'transaction-stopped')).toMatchObject([{ reason: 'Remote' }])
  expect(await depot.transactions('refuse')).toMatchObject([{ id_token: 'STRANGER', reason: 'Remote' }])
})

test('transaction.local-ids: nor does a restart of the depot lose them', async () => {
  await depot.test.restartEdge()
  await depot.until('it is back', () => depot.seen('local-2').online)
  await depot.pass(10)
  depot.override('local-2', 12)
  await depot.until('it follows', () => Math.abs(depot.drawA('local-2') - 12) < 0.5)
})

test('transaction.infer-start: nor is the same start inferred twice over a restart of the depot', async () => {
  expect(depot.at('infer-2').charging).toBe(true)
  expect(await depot.transactions('infer-2')).toMatchObject([{ ended_at: null }])
})

test('transaction.start-means-stop: a second start without a register ends the transaction and opens none', async () => {
  depot.at('starts').unplug()
  await depot.pass(5)
  const transactions = await depot.transactions('starts')
  expect(transactions.map(({ ended_at }) => ended_at !== null)).toEqual([true])
  expect(transactions[0]?.energy_wh).toBeGreaterThan(flowed('starts') * 0.7)
})
