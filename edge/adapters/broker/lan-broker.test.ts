import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { connect, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LanBroker } from './lan-broker.ts'
import type { LanBrokerEvent } from './lan-broker-event.ts'

const secretOf = (device: string) => `secret-of-${device}-0123456789`
const deviceOf = (id: string, reads: readonly string[] = []) => ({
  id,
  secrets: [createHash('sha256').update(secretOf(id)).digest()],
  reads,
})
const DEVICES = [deviceOf('mtr-main'), deviceOf('mtr-2'), deviceOf('screen', ['lan/1/site', 'sensors/1/+'])]

let clock: FakeClock
let broker: LanBroker
let packets: string[]
let events: LanBrokerEvent[]
const clients: MqttClient[] = []
const sockets: Socket[] = []

beforeEach(async () => {
  clock = new FakeClock()
  packets = []
  events = []
  broker = new LanBroker({
    listen: { host: '127.0.0.1', port: 0 },
    tls: null,
    devices: DEVICES,
    clock,
    onPacket: (device, payload) => packets.push(`${device}: ${payload.toString()}`),
    onEvent: (event) => events.push(event),
  })
  await broker.start()
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)))
  for (const socket of sockets.splice(0)) socket.destroy()
  await broker.stop()
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn()
}
/** Rejects with the refusal, or when the line closes without one. */
async function sign(device: string, options: object = {}): Promise<MqttClient> {
  const credential = { clientId: device, username: device, password: secretOf(device) }
  const client = connect(broker.address, { ...credential, reconnectPeriod: 0, ...options })
  clients.push(client)
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.on('error', reject)
    client.once('close', () => reject(new TypeError('closed')))
  })
  return client
}
const closing = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()))
const denials = () => events.filter(({ kind }) => kind === 'denied').map(({ detail }) => detail)
const port = () => Number(new URL(broker.address).port)
async function raw(): Promise<Socket> {
  const socket = connectTcp(port(), '127.0.0.1')
  socket.on('error', () => undefined)
  sockets.push(socket)
  await once(socket, 'connect')
  return socket
}
/** Resolves when the connection is gone; bytes that come are thrown away. */
const gone = (socket: Socket) =>
  new Promise<void>((resolve) => (socket.closed ? resolve() : socket.resume().once('close', () => resolve())))
/** One MQTT packet: its type and flags, its body. */
function frame(type: number, body: Buffer): Buffer {
  const length: number[] = []
  for (let rest = body.length; length.length === 0 || rest > 0; rest = Math.floor(rest / 128))
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0))
  return Buffer.concat([Buffer.from([type, ...length]), body])
}
const text = (value: string) =>
  Buffer.concat([Buffer.from([value.length >> 8, value.length & 0xff]), Buffer.from(value)])
const connectFrame = (device: string) =>
  frame(
    0x10,
    Buffer.concat([
      text('MQTT'),
      Buffer.from([4, 0xc2, 0, 30]),
      text(device),
      text(device),
      text(secretOf(device)),
    ]),
  )
/** A victim whose line must stay, and the proof that it did. */
async function victim() {
  const client = await sign('mtr-2')
  let lost = false
  client.on('close', () => {
    lost = true
  })
  return async () => {
    await client.publishAsync('sensors/1/mtr-2', 'still here', { qos: 1 })
    await until(() => packets.includes('mtr-2: still here'))
    expect(lost).toBe(false)
  }
}

describe('S41 anonymous connect', () => {
  test.each([
    ['without a name', { clientId: 'mtr-main', username: undefined, password: undefined }],
    ['without a password', { password: undefined }],
    ['with a wrong password', { password: 'x'.repeat(20) }],
    ['of a device nobody knows', { clientId: 'ghost', username: 'ghost' }],
  ])('%s is refused', async (_name, options) => {
    await expect(sign('mtr-main', options)).rejects.toThrow()
    expect(denials()).toHaveLength(1)
  })

  test('a known and an unknown device get the same answer', async () => {
    const answers = await Promise.all(
      [{ password: 'x'.repeat(20) }, { clientId: 'ghost', username: 'ghost' }].map((options) =>
        sign('mtr-main', options).catch((error) => error.code),
      ),
    )
    expect(answers).toEqual([4, 4])
  })

  test('ten wrong passwords shut an address out for a minute', async () => {
    for (let n = 0; n < 10; n++)
      await expect(sign('mtr-main', { password: 'x'.repeat(20) })).rejects.toThrow()
    await expect(sign('mtr-main')).rejects.toThrow()
    clock.advance(seconds(60))
    await sign('mtr-main')
  })

  test('whoever does not sign in within five seconds is cut off', async () => {
    const silent = await raw()
    const half = await raw()
    half.write(connectFrame('mtr-main').subarray(0, 20))
    await until(() => broker.connections === 2)
    const signedIn = await victim()
    clock.advance(seconds(5))
    await gone(silent)
    await gone(half)
    await signedIn()
  })
})

test.each(['#', '$SYS/#', '+/+/+', 'sensors/1/mtr-2', '$SYS/x/new/clients', '$share/a/sensors/1/+'])(
  'S42 a device that subscribes to %s is denied with 128, and that is an event',
  async (filter) => {
    const client = await sign('mtr-main')
    const granted = await client.subscribeAsync(filter).catch((error) => error)
    expect(String(granted)).toMatch(/Unspecified error|128/)
    expect(denials()).toEqual([`subscribe to ${filter} from 127.0.0.1`])
  },
)

test.each([0, 1, 2] as const)(
  'S43 a publish to $SYS/…/new/clients with a victim’s id is denied at QoS %i and the victim stays connected',
  async (qos) => {
    const stays = await victim()
    const attacker = await sign('mtr-main')
    const closed = closing(attacker)
    attacker.publish('$SYS/other/new/clients', 'mtr-2', { qos })
    await closed
    expect(denials()).toEqual(['publish to $SYS/other/new/clients from 127.0.0.1'])
    await stays()
  },
)

test.each(['sensors/1/mtr-2', '$SYS/other/new/clients', 'lan/1/site', 'sensors/1/mtr-main'])(
  'S44 a will on %s is denied at connect',
  async (topic) => {
    const will = { topic, payload: Buffer.from('{}'), qos: 0 as const, retain: false }
    await expect(sign('mtr-main', { will })).rejects.toThrow()
    expect(denials()).toEqual(['connect as mtr-main: a will from 127.0.0.1'])
    expect(packets).toEqual([])
  },
)

describe('S45 a retained message', () => {
  test('on a topic the subscriber may not read is not delivered', async () => {
    broker.publish('lan/1/site', 'for screens', true)
    broker.publish('lan/1/secret', 'for nobody', true)
    const got: string[] = []
    const screen = await sign('screen')
    screen.on('message', (topic) => got.push(topic))
    const meter = await sign('mtr-main')
    meter.on('message', (topic) => got.push(topic))
    for (const [client, filter] of [
      [screen, 'lan/1/+'],
      [screen, 'lan/1/secret'],
      [meter, 'lan/1/site'],
    ] as const)
      await expect(client.subscribeAsync(filter)).rejects.toThrow()
    await screen.subscribeAsync('lan/1/site')
    await until(() => got.length > 0)
    await meter.publishAsync('sensors/1/mtr-main', 'x', { qos: 1 })
    await until(() => packets.length > 0)
    expect(got).toEqual(['lan/1/site'])
  })

  test('is accepted from no device', async () => {
    const client = await sign('mtr-main')
    const closed = closing(client)
    client.publish('sensors/1/mtr-main', '{}', { retain: true })
    await closed
    expect(denials()).toEqual(['publish a retained packet from 127.0.0.1'])
  })
})

describe('S46 client-id take-over', () => {
  test('with another device’s credential is refused and the owner stays connected', async () => {
    const stays = await victim()
    await expect(sign('mtr-main', { clientId: 'mtr-2' })).rejects.toThrow()
    expect(denials()).toEqual(['connect as mtr-2: the user name differs from the client id from 127.0.0.1'])
    await expect(sign('mtr-2', { password: secretOf('mtr-main') })).rejects.toThrow()
    await stays()
  })

  test('with the own credential replaces the old connection', async () => {
    const first = await sign('mtr-main')
    const closed = closing(first)
    await sign('mtr-main')
    await closed
  })

  test.each([
    ['an older protocol', { protocolVersion: 3 as const, protocolId: 'MQIsdp' }],
    ['MQTT 5', { protocolVersion: 5 as const }],
    ['a session that outlives its connection', { clean: false }],
    ['a client id that is no source id', { clientId: 'a/b', username: 'a/b' }],
    ['a keep-alive of ten minutes', { keepalive: 600 }],
  ])('%s is refused', async (_name, options) => {
    await expect(sign('mtr-main', { ...options })).rejects.toThrow()
  })
})

describe('S47 floods', () => {
  test('QoS 2 is refused', async () => {
    const stays = await victim()
    const client = await sign('mtr-main')
    const closed = closing(client)
    client.publish('sensors/1/mtr-main', '{}', { qos: 2 })
    await closed
    expect(denials()).toEqual(['publish with QoS 2 from 127.0.0.1'])
    await stays()
  })

  test('100,000 packets in flight end the connection after the allowance, and others are unaffected', async () => {
    const stays = await victim()
    const socket = await raw()
    socket.write(connectFrame('mtr-main'))
    await once(socket, 'data')
    const one = (n: number) =>
      frame(
        0x32,
        Buffer.concat([text('sensors/1/mtr-main'), Buffer.from([n >> 8, n & 0xff]), Buffer.from('{}')]),
      )
    const flood = Buffer.concat(Array.from({ length: 100_000 }, (_, n) => one((n % 65_535) + 1)))
    const before = process.memoryUsage().rss
    socket.write(flood)
    await gone(socket)
    expect(packets.filter((packet) => packet.startsWith('mtr-main')).length).toBeLessThanOrEqual(150)
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
    expect(denials()).toEqual(['more packets or bytes than allowed from 127.0.0.1'])
    await stays()
  })

  test('a 256 MB payload is cut off at its header', async () => {
    const stays = await victim()
    const socket = await raw()
    socket.write(connectFrame('mtr-main'))
    await once(socket, 'data')
    socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]))
    await gone(socket)
    expect(denials()).toEqual(['packet of 268435455 bytes, at most 32768 from 127.0.0.1'])
    await stays()
  })

  test.each([
    ['a CONNECT of 5 KiB', frame(0x10, Buffer.alloc(5 * 1024)), 'packet of 5120 bytes, at most 4096'],
    [
      'a PUBLISH before CONNECT',
      frame(0x30, text('sensors/1/mtr-main')),
      'first packet has type 3, expected CONNECT',
    ],
    [
      'a length of five bytes',
      Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01]),
      'packet length takes more than four bytes',
    ],
  ])('%s is cut off', async (_name, bytes, detail) => {
    const socket = await raw()
    socket.write(bytes)
    await gone(socket)
    await until(() => events.length > 0)
    expect(denials()).toEqual([`${detail} from 127.0.0.1`])
  })

  test('a sensor packet above 16 KiB is refused', async () => {
    const client = await sign('mtr-main')
    const closed = closing(client)
    client.publish('sensors/1/mtr-main', 'x'.repeat(16 * 1024 + 1))
    await closed
    expect(packets).toEqual([])
  })

  test('one address holds at most 32 connections, and one more is cut off at once', async () => {
    for (let n = 0; n < 32; n++) await raw()
    await until(() => broker.connections === 32)
    await gone(await raw())
    expect(denials()).toEqual(['connect: 32 connections are open from 127.0.0.1 from 127.0.0.1'])
  })

  test('a thousand denied subscriptions are told once and then as a number', async () => {
    const client = await sign('mtr-main')
    const filters = Array.from({ length: 1000 }, (_, n) => `a/${n}`)
    await client.subscribeAsync(filters).catch(() => undefined)
    clock.advance(seconds(10))
    await client.subscribeAsync('b').catch(() => undefined)
    expect(denials()).toEqual([
      'subscribe to a/0 from 127.0.0.1',
      'subscribe to b from 127.0.0.1; 999 more like it',
    ])
  })
})

test.each([0, 1] as const)(
  'a device’s own packet is handed on at QoS %i and read by who was granted it',
  async (qos) => {
    const screen = await sign('screen')
    const got: string[] = []
    screen.on('message', (topic, payload) => got.push(`${topic} ${payload.toString()}`))
    await screen.subscribeAsync('sensors/1/+')
    const meter = await sign('mtr-main')
    await meter.publishAsync('sensors/1/mtr-main', '{"v":1}', { qos })
    await until(() => packets.length > 0 && got.length > 0)
    expect(packets).toEqual(['mtr-main: {"v":1}'])
    expect(got).toEqual(['sensors/1/mtr-main {"v":1}'])
  },
)

test.each([0, 1, 2] as const)('a publish on another device’s topic is denied at QoS %i', async (qos) => {
  const client = await sign('mtr-main')
  const closed = closing(client)
  client.publish('sensors/1/mtr-2', '{}', { qos })
  await closed
  expect(packets).toEqual([])
  expect(denials()).toEqual(['publish to sensors/1/mtr-2 from 127.0.0.1'])
})
