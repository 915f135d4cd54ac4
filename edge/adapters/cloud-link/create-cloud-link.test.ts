import { createHash, randomUUID } from 'node:crypto'
import type { FactsPage } from '@busbar/contracts/cloud-api/depot-history.ts'
import type { DepotView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { as } from '@busbar/model/ids.ts'
import { CloudProcess, depotPassword } from '@busbar/testing/cloud-process.ts'
import { ScaledClock } from '@busbar/testing/scaled-clock.ts'
import { wattHours } from '@busbar/units/electricity.ts'
import { instant } from '@busbar/units/time.ts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Fact } from '../../domain/facts.ts'
import { cloudLinkContract } from '../../domain/ports/cloud-link.contract.ts'
import type { CloudLink } from '../../domain/ports/cloud-link.ts'
import { MemoryFactLog } from '../../domain/ports/fact-log.memory.ts'
import { createCloudLink } from './create-cloud-link.ts'

const DEPOTS = ['first', 'killed', 'stalled', 'rolled', 'short', 'stranger', 'rewound', 'late'] as const
const clock = new ScaledClock(20)
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
let cloud: CloudProcess
const links: CloudLink[] = []

beforeAll(async () => {
  cloud = await CloudProcess.create(DEPOTS, clock.time)
  await cloud.start()
})
afterEach(async () => {
  await Promise.all(links.splice(0).map((link) => link.stop()))
})
afterAll(() => cloud.close())

const newLog = (epoch: string = randomUUID()) =>
  new MemoryFactLog(as(epoch), (bytes) => createHash('sha256').update(bytes).digest('hex'))

function linkOf(
  depot: string,
  factLog: MemoryFactLog,
  more: { url?: string; password?: string } = {},
): CloudLink {
  const link = createCloudLink({
    ...{ url: cloud.mqtt, user: depot, password: depotPassword(depot), depot, factLog, clock, log: quiet },
    random: () => 0.5,
    boot: { bootId: randomUUID(), bootNo: 1, software: 'test' },
    ...more,
  })
  links.push(link)
  return link
}

const read = (transaction: string, wh: number): Fact => ({
  type: 'TransactionEnergyRead',
  occurred_at: clock.now(),
  clock: 'synced',
  entity: { type: 'transaction', id: transaction },
  data: { transaction: as(transaction), register_wh: wattHours(wh), energy_wh: wattHours(wh), soc_pct: null },
})

const append = (log: MemoryFactLog, count: number, transaction = 'T1') =>
  log.append({
    facts: Array.from({ length: count }, (_, n) => read(transaction, n)),
    samples: [],
    recordedAt: clock.now(),
  })

const soon = { timeout: 15_000, interval: 20 }
const acked = async (log: MemoryFactLog) => (await log.head()).acked
const viewOf = async (depot: string): Promise<DepotView> =>
  (await fetch(`${cloud.http}/api/v1/depots/${depot}`)).json()

/** Every record text the cloud holds, page by page. */
async function recordsOf(depot: string): Promise<(string | null)[]> {
  const records: (string | null)[] = []
  for (let after: number | null = 0; after !== null; ) {
    const url: string = `${cloud.http}/api/v1/depots/${depot}/facts?after=${after}&limit=1000`
    const page: FactsPage = await (await fetch(url)).json()
    records.push(...page.facts.map((fact) => fact.record))
    after = page.next_after
  }
  return records
}

const linesOf = async (log: MemoryFactLog) => (await log.read(0, 1_000_000)).map(({ line }) => line)

const picture = (importW: number) => ({
  as_of: new Date(clock.now()).toISOString(),
  clock: 'synced',
  facts_head: 0,
  depot: { name: 'Depot', virtual: true, time_zone: 'Europe/Berlin' },
  incidents_total: 0,
  incidents: [],
  site: {
    ...{
      import_w: importW,
      building_w: 0,
      vehicles_w: importW,
      held_w: 0,
      limit_w: 400_000,
      headroom_w: null,
    },
    ...{ binding: null, meter_quality: 'live', meter_age_ms: 100 },
  },
  stations: { total: 1, online: 1, charging: 0, faulted: 0, offline_reserved: 0 },
  vehicles: { connected: 0, charging: 0 },
  departures: { ready: 0, on_track: 0, at_risk: 0, not_ready: 0, no_data: 0, next: null },
  evses: [['A-01', 1, 'available', null, null, null]],
})

cloudLinkContract('the MQTT link', () => linkOf('first', newLog(), { url: 'mqtt://127.0.0.1:1' }))

test('facts reach the cloud byte for byte, the cursor follows its acknowledgement, the picture is shown', async () => {
  const log = newLog()
  await append(log, 1200)
  const link = linkOf('first', log)
  link.publishState(picture(123_000), false)
  await link.start()
  await expect.poll(() => acked(log), soon).toBe(1200)
  await append(log, 3)
  await expect.poll(() => acked(log), soon).toBe(1203)
  expect(link.state()).toMatchObject({
    state: 'live',
    acked: 1203,
    unsent: 0,
    oldestUnsentAt: null,
    reason: null,
  })
  expect(await recordsOf('first')).toEqual(await linesOf(log))
  await expect
    .poll(() => viewOf('first'), soon)
    .toMatchObject({
      link: { state: 'live' },
      virtual: true,
      snapshot: { site: { import_w: 123_000 } },
      facts: { committed: 1203, missing: 0, quarantined: 0 },
    })
  link.publishState(picture(99_000), true)
  await expect.poll(async () => (await viewOf('first')).snapshot?.site.import_w, soon).toBe(99_000)
})

test('Y02: the core is killed while facts flow, and afterwards holds every fact once', async () => {
  const log = newLog()
  await append(log, 2000)
  const link = linkOf('killed', log)
  await link.start()
  for (const enough of [1, 1500]) {
    await expect.poll(() => acked(log), soon).toBeGreaterThanOrEqual(enough)
    await append(log, 1500)
    await cloud.end('SIGKILL')
    await expect.poll(() => link.state().state, soon).toBe('offline')
    await append(log, 100)
    await cloud.start()
  }
  await expect.poll(() => acked(log), soon).toBe(5200)
  expect(await recordsOf('killed')).toEqual(await linesOf(log))
})

test('Y04: while the database hangs the broker takes messages, yet nothing counts as acknowledged', async () => {
  const log = newLog()
  await append(log, 10)
  const link = linkOf('stalled', log)
  await link.start()
  await expect.poll(() => acked(log), soon).toBe(10)
  await cloud.database('SIGSTOP')
  try {
    await append(log, 700)
    await expect.poll(() => link.state().state, soon).toBe('unacknowledged')
    expect(link.state()).toMatchObject({ acked: 10, unsent: 700 })
    expect(link.state().oldestUnsentAt).not.toBeNull()
  } finally {
    await cloud.database('SIGCONT')
  }
  await expect.poll(() => acked(log), soon).toBe(710)
  expect(link.state().state).toBe('live')
  expect(await recordsOf('stalled')).toEqual(await linesOf(log))
})

test('a log that differs from what the cloud holds stops the lane and changes nothing there', async () => {
  const log = newLog()
  await append(log, 5)
  const before = linkOf('rolled', log)
  await before.start()
  await expect.poll(() => acked(log), soon).toBe(5)
  await before.stop()
  const other = newLog((await log.head()).epoch)
  await append(other, 9, 'T2')
  const link = linkOf('rolled', other)
  await link.start()
  await expect.poll(() => link.state().state, soon).toBe('refused')
  expect(link.state().reason).toContain('fact 5 differs')
  expect(await recordsOf('rolled')).toEqual(await linesOf(log))
})

test('a log shorter than what the cloud holds stops the lane', async () => {
  const log = newLog()
  await append(log, 5)
  const before = linkOf('short', log)
  await before.start()
  await expect.poll(() => acked(log), soon).toBe(5)
  await before.stop()
  const link = linkOf('short', newLog((await log.head()).epoch))
  await link.start()
  await expect.poll(() => link.state().state, soon).toBe('refused')
  expect(link.state().reason).toContain('only 0')
})

test('an epoch the cloud does not know is refused until a person decides', async () => {
  const log = newLog()
  await append(log, 1)
  const before = linkOf('stranger', log)
  await before.start()
  await expect.poll(() => acked(log), soon).toBe(1)
  await before.stop()
  const link = linkOf('stranger', newLog())
  await link.start()
  await expect.poll(() => link.state().state, soon).toBe('refused')
  expect(link.state().reason).toContain('approve')
})

test('wrong credentials are told as such', async () => {
  const link = linkOf('late', newLog(), { password: 'x'.repeat(40) })
  await link.start()
  await expect.poll(() => link.state().state, soon).toBe('refused')
  expect(link.state().reason).toContain('credentials refused')
})

test('a cloud that lost its data gets every fact again', async () => {
  const log = newLog()
  await append(log, 800)
  const link = linkOf('rewound', log)
  await link.start()
  await expect.poll(() => acked(log), soon).toBe(800)
  await cloud.end('SIGTERM')
  cloud.forget()
  await cloud.start()
  await expect.poll(async () => (await viewOf('rewound')).facts.committed, soon).toBe(800)
  expect(await recordsOf('rewound')).toEqual(await linesOf(log))
  expect(link.state().acked).toBe(800)
  expect(instant(clock.now())).toBeGreaterThan(link.state().since)
})
