import { sensorTopic } from '@busbar/contracts/sensors/topics.ts'
import { type PerPhase, PHASES } from '@busbar/units/per-phase.ts'
import { minutes, seconds, toIso } from '@busbar/units/time.ts'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestDepot } from './test-depot.ts'

const DEVICE_SECRET = 'sensor-secret-0123456789'
const STATIONS = ['A', 'B', 'C']
const LISTEN = { host: '127.0.0.1', port: 0 }
const deviceOf = (id: string) => ({ id, secret: { virtual: DEVICE_SECRET } })

let test: TestDepot
let senders: Map<string, Sender>
afterEach(async () => {
  for (const { client } of senders.values()) await client.endAsync(true)
  await test.stop()
})

interface Sender {
  readonly client: MqttClient
  seq: number
}

async function start(instead: Record<string, unknown>, devices: readonly string[]): Promise<void> {
  senders = new Map()
  test = await TestDepot.start({
    gridA: 140,
    otherA: 70,
    feeders: [{ id: 'f1', ratingA: 250 }],
    stations: STATIONS.map((id) => ({ id, feeder: 'f1' })),
    vehicles: ['v1', 'v2', 'v3'],
    instead: { broker: { listen: LISTEN, devices: devices.map(deviceOf) }, ...instead },
  })
  for (const id of devices) {
    const credential = { clientId: id, username: id, password: DEVICE_SECRET }
    senders.set(id, { client: await connectAsync(test.edge.mqttAddress ?? '', credential), seq: 0 })
  }
}

/** What a meter on a conductor with this current would send now. */
async function send(device: string, currentA: PerPhase<number>, change: object = {}): Promise<void> {
  const sender = senders.get(device)
  if (sender === undefined) throw new TypeError(`no device ${device}`)
  sender.seq += 1
  const packet = {
    v: 1,
    packet_id: `${device}-${sender.seq}`,
    depot_id: 'scenario',
    source_id: device,
    source_kind: 'meter',
    seq: sender.seq,
    boot_id: 'boot-1',
    sampled_at: toIso(test.clock.now()),
    clock: 'synced',
    m: PHASES.flatMap((phase) => {
      const ph = phase.toUpperCase()
      return [
        { k: 'power.active.import', ph, val: currentA[phase] * 230, u: 'W', q: 'good' },
        { k: 'current.import', ph, val: currentA[phase], u: 'A', q: 'good' },
        { k: 'voltage', ph, val: 230, u: 'V', q: 'good' },
      ]
    }),
    ...change,
  }
  const before = test.edge.activity().sensors?.packets ?? 0
  await sender.client.publishAsync(sensorTopic(device), JSON.stringify(packet), { qos: 1 })
  // The acknowledgement may come before the packet is used.
  while ((test.edge.activity().sensors?.packets ?? 0) === before)
    await new Promise((next) => setImmediate(next))
}

/** Seconds of the clock, each with what the devices send. */
async function pass(count: number, tell: () => Promise<void>): Promise<void> {
  for (let second = 0; second < count; second++) {
    await test.pass(seconds(1))
    await tell()
    await test.settle()
  }
}

async function until(what: string, holds: () => boolean, tell: () => Promise<void>): Promise<void> {
  for (let second = 0; !holds(); second++) {
    if (second > minutes(5) / 1000) throw new TypeError(`not within five minutes: ${what}`)
    await pass(1, tell)
  }
}

const offered = () => STATIONS.map((station) => test.evse(station).offered_a ?? 0)
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
function plugIn(): void {
  for (const [index, station] of STATIONS.entries()) test.plugIn(station, `v${index + 1}`)
}
const meter = (id: string) => test.live().meters.find((found) => found.id === id)

describe('a site meter that sends packets', () => {
  const tell = () => send('mtr-main', test.drawnA('grid'))
  beforeEach(async () => {
    await start(
      {
        meters: [
          {
            id: 'grid-meter',
            name: 'Site meter',
            role: 'grid',
            circuit: 'grid',
            mqtt: { source: 'mtr-main' },
          },
        ],
      },
      ['mtr-main'],
    )
    await until('every station is reconciled', () => test.edge.control.depot.ready, tell)
    plugIn()
    await pass(180, tell)
  })

  it('drives limits: a rising building lowers them at once and the connection is never exceeded', async () => {
    expect(test.live().power.quality).toBe('live')
    expect(sum(offered())).toBeGreaterThan(75)
    const before = sum(offered())
    test.depot.setBuilding(60 * 3 * 230)
    await pass(10, tell)
    expect(sum(offered())).toBeLessThan(before)
    for (const phase of PHASES) expect(test.drawnA('grid')[phase]).toBeLessThanOrEqual(140)
  })

  it('silent, goes down the ladder like any meter, and rises again only after five packets', async () => {
    const before = offered()
    await test.pass(seconds(9))
    expect(test.live().power.quality).toBe('hold')
    offered().forEach((limit, index) => {
      expect(limit).toBeLessThanOrEqual(before[index] ?? 0)
    })
    await test.pass(seconds(20))
    expect(test.live().power.quality).toBe('reserve')
    expect(sum(offered())).toBeLessThanOrEqual(69)
    await test.pass(seconds(45))
    expect(test.live().power.quality).toBe('static')
    expect(offered()).toEqual([6, 6, 6])
    expect(test.live().incidents.map(({ code }) => code)).toContain('meter.silent')
    expect(meter('grid-meter')?.reason).toMatch(/no packet that can be used for/)
    await pass(4, tell)
    expect(offered()).toEqual([6, 6, 6])
    expect(test.live().power.quality).toBe('hold')
    await until('limits rise', () => sum(offered()) > 60, tell)
    expect(test.live().incidents.map(({ code }) => code)).not.toContain('meter.silent')
  })

  it.each([
    ['from the future', () => ({ sampled_at: '2036-01-01T00:00:00Z' }), /in the future/],
    ['going back in sequence', () => ({ seq: 3 }), /sequence 3 after/],
    [
      'going back in time',
      () => ({ sampled_at: toIso((test.clock.now() - 30_000) as ReturnType<TestDepot['clock']['now']>) }),
      /not after the packet before/,
    ],
    ['for another depot', () => ({ depot_id: 'other' }), /depot other/],
  ])('packets %s move nothing and are told as the reason', async (_name, change, reason) => {
    const importW = test.live().power.import_w
    await pass(12, () => send('mtr-main', { l1: 0, l2: 0, l3: 0 }, change()))
    expect(test.live().power.import_w).toBe(importW)
    expect(test.live().power.quality).toBe('reserve')
    expect(meter('grid-meter')?.reason).toMatch(reason)
  })
})

describe('a virtual site meter', () => {
  /** Two supplies share the load of the connection. */
  const share = (part: number): PerPhase<number> => {
    const drawn = test.drawnA('grid')
    return { l1: drawn.l1 * part, l2: drawn.l2 * part, l3: drawn.l3 * part }
  }
  const tell = async () => {
    await send('supply-1', share(0.7))
    await send('supply-2', share(0.3))
  }
  beforeEach(async () => {
    const supply = (source: string) => ({
      id: source,
      name: source,
      role: 'feeder',
      circuit: 'grid',
      mqtt: { source },
    })
    const grid = {
      id: 'grid-meter',
      name: 'Both supplies',
      role: 'grid',
      circuit: 'grid',
      virtual: { sum: ['supply-1', 'supply-2'] },
    }
    await start({ meters: [supply('supply-1'), supply('supply-2'), grid] }, ['supply-1', 'supply-2'])
    await until('every station is reconciled', () => test.edge.control.depot.ready, tell)
    plugIn()
    await pass(180, tell)
  })

  it('drives limits by the sum of its inputs', async () => {
    const drawn = test.drawnA('grid')
    expect(meter('grid-meter')?.current_a.l1).toBeCloseTo(drawn.l1, 6)
    expect(meter('grid-meter')?.quality).toBe('live')
    const before = sum(offered())
    expect(before).toBeGreaterThan(75)
    test.depot.setBuilding(60 * 3 * 230)
    await pass(10, tell)
    for (const phase of PHASES) expect(test.drawnA('grid')[phase]).toBeLessThanOrEqual(140)
    expect(sum(offered())).toBeLessThan(before)
  })

  it('with one supply silent is worth no more than that one, though the other goes on', async () => {
    await pass(30, () => send('supply-1', share(0.7)))
    expect(meter('supply-1')?.quality).toBe('live')
    expect(meter('grid-meter')).toMatchObject({
      quality: 'reserve',
      reason: expect.stringMatching(/^supply-2: no packet/),
    })
    expect(meter('grid-meter')?.age_ms).toBeGreaterThan(27_000)
    expect(sum(offered())).toBeLessThanOrEqual(69)
  })
})
