import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { as, type CircuitId, type MeterId } from '@busbar/model/ids.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadConfig } from './load-config.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-meters-'))
})
afterAll(() => rm(folder, { recursive: true }))

const device = (id: string, more: object = {}) => ({
  id,
  secret: { virtual: 'secret-of-a-device-1' },
  ...more,
})
const base = (id: string, circuit: string) => ({ id, name: id, role: 'feeder', circuit })
const told = (id: string, circuit: string, more: object = {}) => ({
  ...base(id, circuit),
  mqtt: { source: id },
  ...more,
})
const computed = (id: string, circuit: string, virtual: object) => ({ ...base(id, circuit), virtual })

async function load(meters: object[], devices: object[] = [device('a'), device('b')], broker: object = {}) {
  const file = join(folder, 'depot.yaml')
  const listen = { host: '127.0.0.1', port: 0 }
  const circuits = ['grid', 'f1', 'f2', 'f3'].map((id) => ({
    id,
    name: id,
    rating_a: 100,
    other_loads_a: 10,
    ...(id === 'grid' ? {} : { parent: 'grid' }),
  }))
  const depot = { id: 'yard', name: 'Yard', time_zone: 'UTC', virtual: true }
  const config = {
    version: 1,
    depot,
    data_folder: 'data',
    ocpp: { listen },
    lan_http: { listen },
    broker: { listen, devices, ...broker },
    site: { nominal_voltage_v: 230, circuits },
    meters,
    stations: [],
  }
  await writeFile(file, stringify(config))
  return loadConfig(file)
}
const fault = (meters: object[], devices?: object[]) =>
  load(meters, devices).then(
    () => 'accepted',
    (error: Error) => error.message,
  )

describe('meters of the configuration', () => {
  test('a virtual meter is as slow as the slowest meter it follows from, through others', async () => {
    const { site } = await load([
      told('a', 'f1', { poll_ms: 200 }),
      told('b', 'f2', { poll_ms: 3000 }),
      computed('both', 'f3', { sum: ['a', 'b'] }),
      computed('rest', 'grid', { difference: ['both', 'a'] }),
    ])
    expect(site.meters.get(as<MeterId>('rest'))).toMatchObject({
      poll: 3000,
      virtual: { kind: 'difference', of: ['both', 'a'] },
    })
    expect(site.meters.get(as<MeterId>('a'))).toMatchObject({ poll: 200, virtual: null })
  })

  test('inputs on the circuit of their virtual meter are parts of it, not meters of the circuit', async () => {
    const { site } = await load([
      told('a', 'grid'),
      told('b', 'grid'),
      computed('both', 'grid', { sum: ['a', 'b'] }),
    ])
    expect(site.circuits.get(as<CircuitId>('grid'))?.meter).toBe('both')
  })

  test('a broker that other machines reach needs TLS, for devices sign in with a password', async () => {
    const open = { listen: { host: '0.0.0.0', port: 1883 } }
    await expect(load([], [], open)).rejects.toThrow(
      'broker.tls: key_file and cert_file, since other machines reach 0.0.0.0',
    )
    const tls = { key_file: 'broker.key', cert_file: 'broker.pem' }
    await expect(load([], [], { ...open, tls })).resolves.toBeDefined()
  })

  test.each([
    ['no way to its values', [base('a', 'f1')], 'exactly one of modbus_tcp'],
    ['two ways to its values', [told('a', 'f1', { virtual: { sum: ['a', 'b'] } })], 'found mqtt, virtual'],
    ['a register map without Modbus', [told('a', 'f1', { profile: 'janitza-umg' })], 'no profile'],
    ['a source that is no device', [told('c', 'f1')], 'a device of broker.devices'],
    [
      'a source of two meters',
      [told('a', 'f1'), { ...told('b', 'f2'), mqtt: { source: 'a' } }],
      '"a" is taken',
    ],
    ['two meters on a circuit', [told('a', 'f1'), told('b', 'f1')], '"f1" is taken'],
    [
      'an input that does not exist',
      [told('a', 'f1'), computed('v', 'f2', { sum: ['a', 'x'] })],
      'its input "x" does not exist',
    ],
    [
      'a meter that follows from itself',
      [
        computed('v', 'f1', { scaled: { of: 'w', factor: 2 } }),
        computed('w', 'f2', { scaled: { of: 'v', factor: 2 } }),
      ],
      'it follows from itself',
    ],
    [
      'a factor of zero',
      [told('a', 'f1'), computed('v', 'f2', { scaled: { of: 'a', factor: 0 } })],
      'virtual',
    ],
  ])('%s is refused', async (_name, meters, expected) => {
    expect(await fault(meters)).toContain(expected)
  })

  test.each(['#', '+/a', '$SYS/#', 'a/#/b', ''])('a device may not be granted %j', async (filter) => {
    expect(await fault([], [device('a', { read: [filter] })])).toContain(
      'a topic filter whose first level is a name',
    )
  })

  test('two devices of one id are refused', async () => {
    expect(await fault([], [device('a'), device('a')])).toContain('"a" is taken')
  })
})
