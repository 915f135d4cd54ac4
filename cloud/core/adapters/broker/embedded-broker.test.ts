import { createHash } from 'node:crypto'
import { connect as connectSocket } from 'node:net'
import { downFilter, downTopic, upTopic } from '@busbar/contracts/sync/topics.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Observation } from '../../domain/observation.ts'
import type { DepotMessage } from '../../domain/ports/depot-link.ts'
import { EmbeddedBroker } from './embedded-broker.ts'

const passwordOf = (depot: string) => `the password of ${depot}`.padEnd(40, '.')
const hashOf = (text: string) => createHash('sha256').update(text).digest()
const clients: MqttClient[] = []
let clock: FakeClock
let seen: Observation[]
let delivered: DepotMessage[]
let broker: EmbeddedBroker

beforeEach(async () => {
  clock = new FakeClock()
  seen = []
  delivered = []
  broker = new EmbeddedBroker({
    ...{ host: '127.0.0.1', port: 0, tls: null, clock },
    credentials: new Map(
      ['one', 'two'].map((depot) => [depot, [hashOf('an older one'), hashOf(passwordOf(depot))]]),
    ),
    observe: (observation) => seen.push(observation),
  })
  await broker.start((message) => delivered.push(message))
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)))
  await broker.stop()
})

async function login(depot: string, more: IClientOptions = {}): Promise<MqttClient> {
  const options = {
    clientId: depot,
    username: depot,
    password: passwordOf(depot),
    protocolVersion: 4,
    reconnectPeriod: 0,
  } as const
  const client = await connectAsync(broker.address, { ...options, ...more }, false)
  client.on('error', () => undefined)
  clients.push(client)
  return client
}

const closing = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()))
const will = (topic: string) => ({ topic, payload: Buffer.from('{}'), qos: 1, retain: true }) as const
const denied = () => seen.filter((observation) => observation.kind === 'denied')

describe('Y26: a depot’s credential', () => {
  test.each<[string, IClientOptions]>([
    ['without a password', { password: '' }],
    ['with another depot’s password', { password: passwordOf('two') }],
    ['under another client id', { clientId: 'two' }],
    ['as a depot nobody knows', { clientId: 'nobody', username: 'nobody' }],
    ['with a will on a foreign topic', { will: will(upTopic('two', 'presence')) }],
    ['with a will on $SYS', { will: will('$SYS/x/new/clients') }],
    ['with a will on another of its topics', { will: will(upTopic('one', 'state')) }],
    ['with MQTT 5', { protocolVersion: 5 }],
    ['with a keepalive too long', { keepalive: 3600 }],
  ])('is refused %s', async (_, more) => {
    await expect(login('one', more)).rejects.toThrow()
  })

  test('works with either of two passwords while one replaces the other', async () => {
    await login('one', { password: 'an older one' })
    await login('one')
  })

  test.each([0, 1, 2] as const)('with QoS %i cannot publish on foreign or reserved topics', async (qos) => {
    const foreign = [
      upTopic('two', 'heartbeat'),
      '$SYS/x/new/clients',
      downTopic('one', 'ack'),
      'busbar/1/one/up/odd',
      'x',
    ]
    for (const topic of foreign) {
      const client = await login('one')
      const closed = closing(client)
      client.publish(topic, '{}', { qos }, () => undefined)
      await closed
    }
    expect(denied()).toHaveLength(foreign.length)
    expect(delivered).toEqual([])
  })

  test('cannot retain where nothing is retained, nor use QoS 2', async () => {
    for (const how of [
      { qos: 1, retain: true },
      { qos: 2, retain: false },
    ] as const) {
      const client = await login('one')
      const closed = closing(client)
      client.publish(upTopic('one', 'heartbeat'), '{}', how, () => undefined)
      await closed
    }
  })

  test('reads its own answers only', async () => {
    const client = await login('one')
    for (const topic of [
      '#',
      '$SYS/#',
      '+/1/one/dn/#',
      downFilter('two'),
      'busbar/1/+/dn/#',
      upTopic('one', 'state'),
    ])
      await expect(client.subscribeAsync(topic)).rejects.toThrow()
    await client.subscribeAsync(downFilter('one'), { qos: 1 })
    const heard = new Promise((resolve) =>
      client.on('message', (topic, payload) => resolve([topic, String(payload)])),
    )
    broker.send('two', 'ack', 'not for one')
    broker.send('one', 'ack', 'for one')
    expect(await heard).toEqual([downTopic('one', 'ack'), 'for one'])
  })

  test('speaks its will when its connection breaks, and the core hears it', async () => {
    const client = await login('one', { will: will(upTopic('one', 'presence')) })
    client.stream.destroy()
    await expect.poll(() => delivered.map(({ depot, name }) => `${depot} ${name}`)).toEqual(['one presence'])
  })
})

describe('limits', () => {
  test('S47: a packet over the limit ends the connection before it is read', async () => {
    const port = Number(new URL(broker.address).port)
    const ends = async (bytes: Buffer) => {
      const socket = connectSocket(port, '127.0.0.1')
      socket.on('error', () => undefined)
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.write(bytes)
      await closed
    }
    await ends(Buffer.from([0x30, 0x02, 0x00, 0x00]))
    await ends(Buffer.from([0x10, 0xff, 0xff, 0x7f]))
    await ends(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff]))
    const client = await login('one')
    const closed = closing(client)
    client.publish(upTopic('one', 'facts'), Buffer.alloc(2_000_000), { qos: 0 }, () => undefined)
    await closed
  })

  test('a depot that sends more than its rate is cut off, and may go on later', async () => {
    const client = await login('one')
    const closed = closing(client)
    for (let n = 0; n < 121; n++)
      client.publish(upTopic('one', 'heartbeat'), '{}', { qos: 0 }, () => undefined)
    await closed
    const again = await login('one')
    clock.advance(seconds(1))
    await again.publishAsync(upTopic('one', 'heartbeat'), '{}', { qos: 1 })
  })

  test('an address that tries wrong passwords has to wait', async () => {
    for (let n = 0; n < 10; n++) await expect(login('one', { password: `wrong ${n}` })).rejects.toThrow()
    await expect(login('one')).rejects.toThrow()
    clock.advance(minutes(1))
    await login('one')
  })
})
