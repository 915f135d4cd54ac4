import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect as connectTls, type SecureVersion } from 'node:tls'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { type IClientOptions, connect as signIn } from 'mqtt'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LanBroker } from './lan-broker.ts'

const SECRET = 'secret-of-mtr-main-0123456789'
const ME = { clientId: 'mtr-main', username: 'mtr-main', password: SECRET }

/** OpenSSL stands for the installer who made the broker's certificate. */
let folder: string
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
function certificate(name: string, host: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`]
  const of = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-days', '30']
  execFileSync('openssl', ['req', '-x509', ...key, ...files, ...of], { cwd: folder, stdio: 'ignore' })
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'busbar-broker-tls-'))
  certificate('broker', 'localhost')
  certificate('other', 'localhost')
})
afterAll(() => rmSync(folder, { recursive: true }))

let broker: LanBroker
let clock: FakeClock
let packets: string[]
let denials: string[]
const cleanUps: (() => unknown)[] = []
beforeEach(async () => {
  clock = new FakeClock()
  packets = []
  denials = []
  broker = new LanBroker({
    listen: { host: '127.0.0.1', port: 0 },
    tls: { key: read('broker.key'), cert: read('broker.pem') },
    devices: [{ id: 'mtr-main', secrets: [createHash('sha256').update(SECRET).digest()], reads: [] }],
    clock,
    onPacket: (device, payload) => packets.push(`${device}: ${payload.toString()}`),
    onEvent: ({ kind, detail }) => kind === 'denied' && denials.push(detail),
  })
  await broker.start()
})
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
  await broker.stop()
})

const port = () => Number(new URL(broker.address).port)
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn()
}
/** A device that trusts one certificate. Rejects when it is refused, or refuses. */
async function sign(options: object = {}) {
  const trust: IClientOptions = { ca: read('broker.pem'), rejectUnauthorized: true, reconnectPeriod: 0 }
  const client = signIn(`mqtts://localhost:${port()}`, { ...ME, ...trust, ...options })
  cleanUps.push(() => client.endAsync(true))
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.on('error', reject)
    client.once('close', () => reject(new TypeError('closed')))
  })
  return client
}
async function raw(): Promise<Socket> {
  const socket = connectTcp(port(), '127.0.0.1')
  socket.on('error', () => undefined)
  cleanUps.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}
const gone = (socket: Socket) =>
  new Promise<void>((resolve) => (socket.closed ? resolve() : socket.resume().once('close', () => resolve())))
/** The version agreed on, or why there is none. */
function shakeHands(minVersion: SecureVersion, maxVersion: SecureVersion): Promise<string | null> {
  // Without the lowest level, the client itself would refuse what is to be refused here.
  const old = { minVersion, maxVersion, ciphers: 'DEFAULT:@SECLEVEL=0' }
  return new Promise((resolve) => {
    const socket = connectTls({
      port: port(),
      host: '127.0.0.1',
      servername: 'localhost',
      ca: read('broker.pem'),
      ...old,
    })
    cleanUps.push(() => socket.destroy())
    socket.once('secureConnect', () => resolve(socket.getProtocol()))
    socket.on('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message))
  })
}

describe('the LAN broker with TLS', () => {
  test('tells so in its address, and hands on the packet of a device that trusts its certificate', async () => {
    expect(broker.address).toMatch(/^mqtts:/)
    const client = await sign()
    await client.publishAsync('sensors/1/mtr-main', '{"v":1}', { qos: 1 })
    await until(() => packets.length > 0)
    expect(packets).toEqual(['mtr-main: {"v":1}'])
    await client.endAsync(true)
    await until(() => broker.connections === 0)
  })

  test('a device that trusts another certificate sends it no password', async () => {
    await expect(sign({ ca: read('other.pem') })).rejects.toThrow(/self-signed|certificate/)
    await until(() => broker.connections === 0)
    expect(denials).toEqual([])
    await sign()
  })

  test.each([
    ['TLSv1', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['TLSv1.1', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['TLSv1.2', 'TLSv1.2'],
    ['TLSv1.3', 'TLSv1.3'],
  ] as const)('%s ends in %s', async (version, ends) => {
    expect(await shakeHands(version, version)).toBe(ends)
  })

  test.each([
    ['S41 without a name', { username: undefined, password: undefined }],
    ['S41 with a wrong password', { password: 'x'.repeat(20) }],
    ['S44 with a will', { will: { topic: 'lan/1/site', payload: Buffer.from('{}'), qos: 0, retain: false } }],
    ['S46 under another name', { clientId: 'mtr-2' }],
  ])('%s is refused as without it', async (_, options) => {
    await expect(sign(options)).rejects.toThrow()
    expect(denials).toHaveLength(1)
  })

  test('S43 and S42: what a device may not publish or read, it may not over TLS either', async () => {
    const client = await sign()
    await expect(client.subscribeAsync('#')).rejects.toThrow()
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
    client.publish('$SYS/other/new/clients', 'mtr-main')
    await closed
    expect(denials).toEqual([
      'subscribe to # from 127.0.0.1',
      'publish to $SYS/other/new/clients from 127.0.0.1',
    ])
  })

  test('a device that speaks plain MQTT is hung up on, and others are not disturbed', async () => {
    const stays = await sign()
    await expect(sign({ protocol: 'mqtt' })).rejects.toThrow()
    await stays.publishAsync('sensors/1/mtr-main', 'still here', { qos: 1 })
    await until(() => packets.length > 0)
    expect(broker.connections).toBe(1)
  })

  test('S47 one address holds at most 32 connections, those that never shake hands counted', async () => {
    for (let n = 0; n < 32; n++) await raw()
    await until(() => broker.connections === 32)
    await gone(await raw())
    expect(denials).toEqual(['connect: 32 connections are open from 127.0.0.1 from 127.0.0.1'])
  })

  test('whoever shakes hands and does not sign in within five seconds is cut off', async () => {
    expect(await shakeHands('TLSv1.3', 'TLSv1.3')).toBe('TLSv1.3')
    await until(() => broker.connections === 1 && clock.pending > 0)
    clock.advance(seconds(5))
    await until(() => broker.connections === 0)
    expect(denials).toEqual(['connect: nobody signed in in time from 127.0.0.1'])
  })

  test('S47 a packet of 256 MB is cut off at its header', async () => {
    const socket = connectTls({
      port: port(),
      host: '127.0.0.1',
      servername: 'localhost',
      ca: read('broker.pem'),
    })
    socket.on('error', () => undefined)
    cleanUps.push(() => socket.destroy())
    await once(socket, 'secureConnect')
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
    await gone(socket)
    await until(() => denials.length > 0)
    expect(denials).toEqual(['packet of 268435455 bytes, at most 4096 from 127.0.0.1'])
  })
})
