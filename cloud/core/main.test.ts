import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FactsPage, TransactionsPage } from '@busbar/contracts/cloud-api/depot-history.ts'
import { DepotView, FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { AckMessage } from '@busbar/contracts/sync/ack.ts'
import type { BatchHeader } from '@busbar/contracts/sync/batch.ts'
import { encodeBatch } from '@busbar/contracts/sync/batch-codec.ts'
import { chainNext, chainStart } from '@busbar/contracts/sync/chain.ts'
import { Welcome } from '@busbar/contracts/sync/hello.ts'
import { downFilter, upTopic } from '@busbar/contracts/sync/topics.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { type Duration, minutes, seconds, toIso } from '@busbar/units/time.ts'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Cloud, startCloud } from './main.ts'

const DEPOTS = ['one', 'two', 'poison', 'gap', 'fence', 'live', 'web', 'other', 'bad'] as const
const passwordOf = (depot: string) => `the password of ${depot}`.padEnd(40, '.')
const clock = new FakeClock()
const clients: MqttClient[] = []
const seen: string[] = []
let folder = ''
let cloud: Cloud

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-core-'))
  const log = pino({ level: 'warn', messageKey: 'body' }, { write: (line: string) => void seen.push(line) })
  cloud = await startCloud({ config: config(), clock, log })
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)))
})
afterAll(async () => {
  await cloud.stop()
  await rm(folder, { recursive: true, force: true })
})

const config = () => ({
  fleet: { name: 'Test fleet' },
  data_folder: join(folder, 'data'),
  http: { port: 0 },
  mqtt: { port: 0 },
  database: { kind: 'embedded' } as const,
  depots: DEPOTS.map((id) => {
    const sha256 = createHash('sha256').update(passwordOf(id)).digest('hex')
    return { id, name: `Depot ${id}`, credentials: [{ sha256 }] }
  }),
})

async function login(depot: string, more: IClientOptions = {}): Promise<MqttClient> {
  const options = {
    clientId: depot,
    username: depot,
    password: passwordOf(depot),
    protocolVersion: 4,
    reconnectPeriod: 0,
  } as const
  const client = await connectAsync(cloud.mqttAddress, { ...options, ...more }, false)
  clients.push(client)
  return client
}

/** A depot driven by hand: it says what a test tells it to, and keeps what the cloud answers. */
class HandDepot {
  readonly id: string
  readonly epoch: string
  readonly said: { name: string; json: unknown }[] = []
  readonly lines: string[] = []
  #client: MqttClient | undefined

  constructor(id: string, epoch: string = randomUUID()) {
    this.id = id
    this.epoch = epoch
  }

  async open(): Promise<this> {
    const client = await login(this.id)
    client.on('message', (topic, payload) => {
      this.said.push({ name: topic.split('/').at(-1) ?? '', json: JSON.parse(String(payload)) })
    })
    await client.subscribeAsync(downFilter(this.id), { qos: 1 })
    this.#client = client
    return this
  }

  async publish(
    name: Parameters<typeof upTopic>[1],
    payload: string | Buffer,
    retain = false,
  ): Promise<void> {
    await this.#client?.publishAsync(upTopic(this.id, name), payload, { qos: 1, retain })
  }

  async hello(prev_epoch: string | null = null): Promise<void> {
    const facts = { head: this.lines.length, acked: 0, floor: 1, hash: this.chainAt(this.lines.length) }
    const hello = {
      proto: { min: 1, max: 1 },
      depot_id: this.id,
      controller_id: null,
      epoch: this.epoch,
      prev_epoch,
    }
    const boot = {
      boot_id: 'boot',
      boot_no: 1,
      cause: 'start',
      sw: 'test',
      encodings: ['gzip'],
      lanes: { facts },
    }
    await this.publish('hello', JSON.stringify({ ...hello, ...boot }))
  }

  chainAt(seq: number): string {
    return this.lines.slice(0, seq).reduce((hash, line) => chainNext(hash, line), chainStart(this.epoch))
  }

  add(type: string, data: unknown, count = 1): this {
    for (let n = 0; n < count; n++) {
      const times = { occurred_at: toIso(clock.now()), recorded_at: toIso(clock.now()), clock: 'synced' }
      const entity = { type: 'transaction', id: 'T1' }
      this.lines.push(JSON.stringify({ seq: this.lines.length + 1, type, sv: 1, ...times, entity, data }))
    }
    return this
  }

  async batch(from: number, to: number, more: Partial<BatchHeader> = {}): Promise<void> {
    const header: BatchHeader = {
      ...{
        proto: 1,
        lane: 'facts',
        depot_id: this.id,
        epoch: this.epoch,
        boot_id: 'boot',
        batch: randomUUID(),
        from,
        to,
      },
      ...{
        prev_hash: this.chainAt(from - 1),
        hash: this.chainAt(to),
        head: this.lines.length,
        resend: false,
      },
      ...{ sent_at: toIso(clock.now()), ...more },
    }
    await this.publish('facts', await encodeBatch(header, this.lines.slice(from - 1, to)))
  }

  /** The `n`th answer of a name, waited for. */
  async answer(name: 'welcome' | 'ack', n = 0): Promise<unknown> {
    await expect
      .poll(() => this.said.filter((said) => said.name === name).length, { timeout: 5_000 })
      .toBeGreaterThan(n)
    const { json } = this.said.filter((said) => said.name === name)[n] ?? {}
    return name === 'welcome' ? Welcome.parse(json) : AckMessage.parse(json)
  }
}

const energy = (wh: number, transaction = 'T1') => ({
  transaction,
  register_wh: wh,
  energy_wh: wh,
  soc_pct: 50,
})
const get = async (path: string) => (await fetch(cloud.httpAddress + path)).json()
const viewOf = async (depot: string) => DepotView.parse(await get(`/api/v1/depots/${depot}`))

const picture = (depot: HandDepot, n: number, more: object = {}) => ({
  ...{
    v: 1,
    epoch: depot.epoch,
    boot_id: 'boot',
    n,
    as_of: toIso(clock.now()),
    clock: 'synced',
    facts_head: 0,
  },
  depot: { name: 'x', virtual: false, time_zone: 'Europe/Berlin' },
  ...{ incidents_total: 0, incidents: [] },
  site: {
    ...{ import_w: 1000 * n, building_w: null, vehicles_w: null, held_w: 0, limit_w: 5000, headroom_w: null },
    ...{ binding: null, meter_quality: 'live', meter_age_ms: 5 },
  },
  stations: { total: 0, online: 0, charging: 0, faulted: 0, offline_reserved: 0 },
  vehicles: { connected: 0, charging: 0 },
  departures: { ready: 0, on_track: 0, at_risk: 0, not_ready: 0, no_data: 0, next: null },
  evses: [],
  ...more,
})

const beat = (depot: HandDepot, head: number) =>
  JSON.stringify({
    ...{ epoch: depot.epoch, boot_id: 'boot', n: 1, at: toIso(clock.now()), sw: 'test' },
    lanes: { facts: { head, acked: 0, oldest_age_s: null } },
  })

describe('facts', () => {
  test('are acknowledged after the commit, once and in order, and can be read back', async () => {
    const depot = await new HandDepot('one').add('TransactionEnergyRead', energy(5), 20).open()
    await depot.hello()
    expect(await depot.answer('welcome')).toMatchObject({
      epoch_no: 1,
      lanes: { facts: { seq: 0, hash: chainStart(depot.epoch) } },
    })
    await depot.batch(1, 10)
    expect(await depot.answer('ack')).toMatchObject({
      seq: 10,
      hash: depot.chainAt(10),
      want: [],
      quarantined: [],
    })
    await depot.batch(1, 10)
    expect(await depot.answer('ack', 1)).toMatchObject({ seq: 10 })
    await depot.batch(6, 20)
    expect(await depot.answer('ack', 2)).toMatchObject({ seq: 20 })
    const page = FactsPage.parse(await get('/api/v1/depots/one/facts?after=5&limit=15'))
    expect(page.facts.map((fact) => fact.record)).toEqual(depot.lines.slice(5))
    expect(page.next_after).toBe(20)
    const { transactions } = TransactionsPage.parse(await get('/api/v1/depots/one/transactions'))
    expect(transactions).toMatchObject([{ transaction: 'T1', energy_wh: 5, started_at: null }])
  })

  test('that come too early wait for two seconds for those before them, and are then asked for', async () => {
    const depot = await new HandDepot('gap').add('Anything', {}, 30).open()
    await depot.hello()
    await depot.answer('welcome')
    await depot.batch(11, 20)
    await depot.batch(1, 10)
    expect(await depot.answer('ack')).toMatchObject({ seq: 10 })
    expect(await depot.answer('ack', 1)).toMatchObject({ seq: 20 })
    const before = clock.pending
    await depot.batch(26, 30)
    await expect.poll(() => clock.pending).toBeGreaterThan(before)
    clock.advance(seconds(2))
    expect(await depot.answer('ack', 2)).toMatchObject({ seq: 20, want: [{ from: 21, to: 25 }] })
  })

  test('Y09: a record that cannot be applied is set aside and the lane goes on', async () => {
    const depot = await new HandDepot('poison').open()
    depot.add('TransactionEnergyRead', energy(1)).add('TransactionEnergyRead', { transaction: 7 })
    depot
      .add('TransactionEnergyRead', energy(2, 'T\u0000'))
      .add('NotInventedYet', { any: 1 })
      .add('TransactionEnergyRead', energy(9))
    await depot.hello()
    await depot.answer('welcome')
    await depot.batch(1, 5)
    expect(await depot.answer('ack')).toMatchObject({
      seq: 5,
      quarantined: [
        { seq: 2, code: 'schema' },
        { seq: 3, code: 'poison' },
      ],
    })
    const { facts } = FactsPage.parse(await get('/api/v1/depots/poison/facts'))
    expect(facts.map((fact) => fact.record === null)).toEqual([false, true, true, false, false])
    await expect.poll(async () => (await viewOf('poison')).facts.quarantined).toBe(2)
    expect((await viewOf('poison')).energy_wh).toBe(9)
  })

  test('under a known number with another content are a conflict', async () => {
    const depot = await new HandDepot('two').add('Anything', {}, 3).open()
    await depot.hello()
    await depot.batch(1, 3)
    expect(await depot.answer('ack')).toMatchObject({ seq: 3 })
    depot.lines.splice(1, 2)
    depot.add('Other', {}, 2)
    await depot.batch(1, 3)
    expect(await depot.answer('ack', 1)).toMatchObject({ error: { code: 'conflict', seq: 3 } })
  })

  test('of an epoch that follows the known one are taken, those of the old one refused', async () => {
    const old = await new HandDepot('fence').add('Anything', {}).open()
    await old.hello()
    await old.batch(1, 1)
    await old.answer('ack')
    const next = await new HandDepot('fence').open()
    await next.hello(old.epoch)
    expect(await next.answer('welcome')).toMatchObject({ epoch_no: 2 })
    const again = await new HandDepot('fence', old.epoch).add('Anything', {}).open()
    await again.hello()
    expect(await again.answer('ack')).toMatchObject({ error: { code: 'fenced', current_epoch_no: 2 } })
    const stranger = await new HandDepot('fence').open()
    await stranger.hello()
    expect(await stranger.answer('ack')).toMatchObject({ error: { code: 'unknown-epoch' } })
  })

  test('S58, S63: a batch that names another depot is dropped, one that cannot be read is refused', async () => {
    const depot = await new HandDepot('bad').add('Anything', {}, 2).open()
    await depot.hello()
    await depot.answer('welcome')
    await depot.batch(1, 2, { depot_id: 'two' })
    await depot.batch(1, 2, { hash: '0'.repeat(64) })
    expect(await depot.answer('ack')).toMatchObject({
      error: { code: 'bad-batch', reason: 'hash', from: 1, to: 2 },
    })
    await depot.publish('facts', Buffer.from('garbage'))
    await depot.publish('heartbeat', '{')
    await depot.publish('presence', 'null')
    await depot.publish('state', Buffer.from([0x1f, 0x8b, 0]))
    expect(await depot.answer('ack', 1)).toMatchObject({ error: { code: 'bad-batch' } })
    expect((await viewOf('bad')).facts.committed).toBe(0)
    expect(seen.some((line) => line.includes('batch names depot two'))).toBe(true)
  })
})

describe('the fleet view', () => {
  const pass = (time: Duration) => clock.advance(time)

  test('shows a picture with its age, and the link by the age of the heartbeat', async () => {
    const depot = await new HandDepot('live').open()
    expect(await viewOf('live')).toMatchObject({
      link: { state: 'never' },
      snapshot: null,
      age_ms: null,
      as_of: null,
    })
    await depot.publish('state', JSON.stringify(picture(depot, 1)), true)
    await depot.hello()
    await depot.answer('welcome')
    await depot.publish('heartbeat', beat(depot, 7))
    await expect
      .poll(() => viewOf('live'))
      .toMatchObject({
        ...{ link: { state: 'live' }, age_ms: 0, snapshot: { site: { import_w: 1000 } } },
        ...{ facts: { committed: 0, missing: 7 }, trend: [{ import_w: 1000 }] },
      })
    pass(seconds(91))
    expect(await viewOf('live')).toMatchObject({ link: { state: 'delayed' }, age_ms: 91_000 })
    await depot.publish(
      'state',
      JSON.stringify(picture(depot, 1, { site: { ...picture(depot, 9).site } })),
      true,
    )
    await depot.publish('state', JSON.stringify(picture(depot, 3)), true)
    await expect.poll(async () => (await viewOf('live')).snapshot?.n).toBe(3)
    expect((await viewOf('live')).trend).toMatchObject([{ import_w: 1000 }, { import_w: 3000 }])
    pass(minutes(4))
    expect((await viewOf('live')).link.state).toBe('offline')
    await depot.publish(
      'state',
      JSON.stringify({ ...picture(depot, 4), as_of: '2030-01-01T00:00:00.000Z' }),
      true,
    )
    await expect.poll(async () => (await viewOf('live')).snapshot?.n).toBe(4)
    pass(seconds(30))
    expect((await viewOf('live')).age_ms).toBe(30_000)
  })

  test('streams the whole fleet when something changed', async () => {
    const depot = await new HandDepot('web').open()
    await depot.hello()
    await depot.answer('welcome')
    const abort = new AbortController()
    const response = await fetch(`${cloud.httpAddress}/api/v1/fleet/live`, { signal: abort.signal })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const events = views(response)
    expect((await events.next()).value?.depots).toHaveLength(DEPOTS.length)
    await depot.publish('heartbeat', beat(depot, 0))
    await expect.poll(async () => (await viewOf('web')).link.state).toBe('live')
    pass(seconds(1))
    const { value } = await events.next()
    expect(value?.depots.find(({ id }: DepotView) => id === 'web')?.link.state).toBe('live')
    abort.abort()
  })
})

async function* views(response: Response): AsyncGenerator<FleetView> {
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString('utf8')
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end)
      text = text.slice(end + 2)
      const data = event.split('\n').find((line) => line.startsWith('data: '))
      if (event.includes('event: fleet') && data) yield FleetView.parse(JSON.parse(data.slice(6)))
    }
  }
}

test('Y02: a core that stops and starts again shows what it had, as not heard since', async () => {
  const depot = await new HandDepot('one', (await viewOf('one')).snapshot?.epoch ?? undefined).open()
  await depot.publish('heartbeat', beat(depot, 20))
  await expect.poll(async () => (await viewOf('one')).link.state).toBe('live')
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)))
  await cloud.stop()
  cloud = await startCloud({
    config: config(),
    clock,
    log: pino({ level: 'silent' }),
  })
  const view = await viewOf('one')
  expect(view).toMatchObject({ link: { state: 'offline' }, facts: { committed: 20, missing: null } })
  expect(view.link.last_heard_at).not.toBeNull()
  expect(await viewOf('live')).toMatchObject({ snapshot: { n: 4 }, link: { state: 'offline' } })
})
