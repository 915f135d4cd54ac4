import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'

/** A sound depot; tests change one line of it. */
const SOUND = `version: 1
depot: { id: yard, name: Yard, time_zone: Europe/Berlin, virtual: true }
data_folder: data
ocpp: { listen: { host: 127.0.0.1, port: 9000 } }
lan_http:
  listen: { host: 127.0.0.1, port: 8080 }
  names: [depot.lan]
site:
  nominal_voltage_v: 230
  circuits:
    - { id: grid, name: Grid, rating_a: 100, other_loads_a: 20 }
    - { id: feeder, name: Feeder, parent: grid, rating_a: { l1: 63, l2: 63, l3: 50 }, other_loads_a: 0 }
meters:
  - { id: m, name: Meter, role: grid, circuit: grid, profile: janitza-umg, modbus_tcp: { host: 127.0.0.1, port: 502, unit: 1 } }
stations:
  - id: A
    circuit: feeder
    secret: { virtual: secret-of-station-A }
    evses: [{ evse: 1, current: ac, rating_a: 32, phases: [l1, l2, l3], fallback_a: 6 }]
  - id: B
    circuit: feeder
    secret: { virtual: secret-of-station-B }
    evses: [{ evse: 1, current: dc, rating_kw: 50, phases: [l1, l2, l3], fallback_kw: 5 }]
vehicles:
  - { id: bus-1, id_tokens: [TAG1], battery_kwh: 300 }
  - { id: bus-2, id_tokens: [TAG2], battery_kwh: 300 }
people: [{ name: Ann, id_token: ANN }]
departures:
  - { vehicle: bus-1, departure_at: "2026-11-22T05:00:00+01:00", soc_needed_pct: 80 }
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-config-'))
})
afterAll(() => rm(folder, { recursive: true }))

const file = () => join(folder, 'depot.yaml')

async function load(text: string) {
  await writeFile(file(), text)
  return loadConfig(file())
}

/** What the error says, without the file's name, which each line must begin with. */
async function faults(text: string): Promise<string[]> {
  const error = await load(text).then(
    () => expect.fail('the file was accepted'),
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ name: 'DepotError', code: 'config.invalid' })
  return String((error as Error).message)
    .split('\n')
    .map((line) => {
      expect(line.startsWith(`${file()}:`)).toBe(true)
      return line.slice(file().length + 1)
    })
}

/** The sound file with `was` replaced; the change must be there. */
function changed(was: string, now: string): string {
  expect(SOUND).toContain(was)
  return SOUND.replace(was, now)
}

test('a sound file becomes a site, a fleet and a folder beside it', async () => {
  const { config, site, fleet, dataFolder } = await load(SOUND)
  expect(dataFolder).toBe(join(folder, 'data'))
  expect(config.lan_http.names).toEqual(['depot.lan'])
  expect([...site.circuits.keys()]).toEqual(['grid', 'feeder'])
  expect([...site.evses.values()].map(({ key, fallback }) => [key, fallback])).toEqual([
    ['A/1', { limit_a: 6 }],
    ['B/1', { limit_w: 5000 }],
  ])
  expect([...fleet.byToken]).toEqual([
    ['TAG1', 'bus-1'],
    ['TAG2', 'bus-2'],
  ])
})

test('the hash follows the values, not the layout', async () => {
  const { hash } = await load(SOUND)
  expect((await load(`# a remark\n${SOUND}`)).hash).toBe(hash)
  expect((await load(changed('fallback_a: 6', 'fallback_a: 7'))).hash).not.toBe(hash)
})

test('the demo depot loads', async () => {
  const { config } = await loadConfig('deploy/demo/depot.yaml')
  expect(config.stations).toHaveLength(24)
})

describe('an error names line, place and what was expected:', () => {
  const EVSE_A = '{ evse: 1, current: ac, rating_a: 32, phases: [l1, l2, l3], fallback_a: 6 }'
  test.each([
    ['an unknown key', 'data_folder: data', 'data_folder: data\ndata_foldr: x', '4: data_foldr: no such key'],
    [
      'an unknown key deep down',
      'names: [depot.lan]',
      'name:\n    [depot.lan]',
      '7: lan_http.name: no such key',
    ],
    [
      'a missing breaker rating',
      'name: Grid, rating_a: 100,',
      'name: Grid,',
      '11: site.circuits.0.rating_a: amperes, 0 or more',
    ],
    [
      'a breaker rating as text',
      'rating_a: 100',
      'rating_a: "100 A"',
      '11: site.circuits.0.rating_a: amperes, 0 or more',
    ],
    [
      'a missing EVSE rating',
      'rating_a: 32, ',
      '',
      '19: stations.0.evses.0.rating_a: Invalid input: expected number',
    ],
    [
      'a missing fallback',
      ', fallback_a: 6',
      '',
      '19: stations.0.evses.0.fallback_a: Invalid input: expected number',
    ],
    [
      'a phase that does not exist',
      EVSE_A,
      EVSE_A.replace('l3', 'l4'),
      '19: stations.0.evses.0.phases.2: Invalid option: expected one of "l1"|"l2"|"l3"',
    ],
    [
      'a phase named twice',
      EVSE_A,
      EVSE_A.replace('l3', 'l1'),
      '16: EVSE A/1: its phases [l1, l2, l1] must name each site conductor at most once',
    ],
    ['two stations of one name', '- id: B', '- id: A', '20: stations.1.id: one of its own; "A" is taken'],
    [
      'two vehicles of one name',
      'id: bus-2',
      'id: bus-1',
      '26: vehicles.1.id: one of its own; "bus-1" is taken',
    ],
    [
      'two vehicles with one token',
      '[TAG2]',
      '[TAG1]',
      '26: vehicles.1.id_tokens.0: a token of its own; "TAG1" is bus-1\'s',
    ],
    [
      'a person with a token of a vehicle',
      'id_token: ANN',
      'id_token: TAG2',
      '27: people.0.id_token: a token of its own; "TAG2" is bus-2\'s',
    ],
    [
      'two EVSEs of one number',
      `[${EVSE_A}]`,
      `[${EVSE_A}, ${EVSE_A}]`,
      '19: stations.0.evses: a number of its own for each EVSE',
    ],
    [
      'two grid connections',
      'parent: grid, ',
      '',
      '10: site.circuits: exactly one circuit without a parent, the grid connection; found grid, feeder',
    ],
    [
      'no grid connection',
      'name: Grid,',
      'name: Grid, parent: feeder,',
      '10: site.circuits: exactly one circuit without a parent, the grid connection; found none',
    ],
    [
      'a circuit that feeds itself',
      '    - { id: feeder,',
      '    - { id: loop, name: Loop, parent: loop, rating_a: 10, other_loads_a: 0 }\n    - { id: feeder,',
      '12: circuit loop: it feeds itself through its parents',
    ],
    [
      'a parent that does not exist',
      'parent: grid',
      'parent: gird',
      '12: circuit feeder: its parent "gird" does not exist',
    ],
    [
      'a station on no circuit',
      'circuit: feeder\n    secret: { virtual: secret-of-station-B',
      'circuit: yard\n    secret: { virtual: secret-of-station-B',
      '20: EVSE B/1: its circuit "yard" does not exist',
    ],
    [
      'a meter on no circuit',
      'role: grid, circuit: grid',
      'role: grid, circuit: g',
      '14: meter m: its circuit "g" does not exist',
    ],
    [
      'a fallback above the rating',
      'fallback_a: 6',
      'fallback_a: 33',
      '16: EVSE A/1: its fallback 33 is above its rating 32',
    ],
    [
      'fallbacks that overload a phase',
      'l3: 50',
      'l3: 10',
      '12: circuit feeder: phase L3: fallbacks and other loads add up to 15.2 A, above its 9.0 A',
    ],
    [
      'a power limit without the other loads in kW',
      'other_loads_a: 20',
      'other_loads_a: 20, limit_kw: 60',
      '11: site.circuits.0: other_loads_kw, since limit_kw is given',
    ],
    [
      'fallbacks above a power limit',
      'other_loads_a: 20',
      'other_loads_a: 20, limit_kw: 20, other_loads_kw: 14',
      '11: circuit grid: fallbacks and other loads add up to 24.2 kW, above its 19.5 kW',
    ],
    [
      'a station without a secret',
      '\n    secret: { virtual: secret-of-station-A }',
      '',
      '16: stations.0: a secret, or allow_without_secret: true',
    ],
    [
      'a secret too short',
      'secret-of-station-A',
      'short',
      '18: stations.0.secret.virtual: Too small: expected string to have >=16 characters',
    ],
    [
      'a secret in the file of a real depot',
      ', virtual: true',
      '',
      '18: stations.0.secret: env, file or sha256: a secret in the file is for virtual depots only',
    ],
    [
      'a time zone nobody knows',
      'Europe/Berlin',
      'Mars/Olympus',
      '2: depot.time_zone: an IANA time zone such as Europe/Berlin',
    ],
    [
      'a need told twice',
      'soc_needed_pct: 80',
      'soc_needed_pct: 80, energy_needed_kwh: 9',
      '29: departures.0: energy_needed_kwh or soc_needed_pct, not both',
    ],
    [
      'a departure of an unknown vehicle',
      'vehicle: bus-1',
      'vehicle: bus-9',
      '29: departures.0.vehicle: a vehicle of this file',
    ],
    [
      'a lease renewed too late',
      'people:',
      'balancing: { lease_s: 60, renew_s: 40 }\npeople:',
      '27: balancing: renew_s at most half of lease_s',
    ],
    [
      'open writes on an address of the LAN',
      '{ host: 127.0.0.1, port: 8080 }',
      '{ host: 0.0.0.0, port: 8080 }\n  tokens: [{ name: a, role: viewer, secret: { env: A } }]\n  allow_unauthenticated_writes: true',
      '8: lan_http.allow_unauthenticated_writes: false, since other machines reach 0.0.0.0',
    ],
    [
      'an address of the LAN without a token',
      '{ host: 127.0.0.1, port: 8080 }',
      '{ host: 192.168.1.2, port: 8080 }',
      '5: lan_http: at least one of tokens, since other machines reach 192.168.1.2',
    ],
    [
      'two bands from one time',
      'people:',
      'tariff: { currency: EUR, bands: [{ name: a, from: "06:00", price_per_kwh: 1 }, { name: b, from: "06:00", price_per_kwh: 2 }] }\npeople:',
      '27: tariff.bands.1.from: one of its own; "06:00" is taken',
    ],
    [
      'a cloud password as a hash',
      'people:',
      `cloud: { url: mqtts://cloud, password: { sha256: ${'a'.repeat(64)} } }\npeople:`,
      '27: cloud.password: env or file: the cloud needs the password itself',
    ],
    ['text that is no YAML', 'version: 1', 'version: [1', ': valid YAML ('],
    ['a key twice', 'version: 1', 'version: 1\nversion: 1', '2: valid YAML (Map keys must be unique)'],
    ['an alias to nothing', 'data_folder: data', 'data_folder: *nothing', ': '],
  ])('%s', async (_, was, now, told) => {
    const lines = await faults(changed(was, now))
    expect(
      lines.some((line) => (told.startsWith(':') ? line.includes(told) : line.startsWith(told))),
      lines.join('\n'),
    ).toBe(true)
  })

  test('an empty file', async () => {
    expect(await faults('')).toEqual(['1: Invalid input: expected object, received null'])
  })

  test('everything wrong is told at once', async () => {
    const text = SOUND.replace('- id: B', '- id: A').replace('vehicle: bus-1', 'vehicle: bus-9')
    expect(await faults(text)).toHaveLength(2)
  })

  test('a file that is not there', async () => {
    await expect(loadConfig(join(folder, 'none.yaml'))).rejects.toMatchObject({
      code: 'config.unreadable',
      message: expect.stringContaining(join(folder, 'none.yaml')),
    })
  })
})

describe('a secret', () => {
  const sha = '4a0ab3b3d1e1f9e9e9d1d7bd3a1b39c3a9b4d2a1f7c8e0a1b2c3d4e5f6071829'

  test('comes from a file beside the configuration, without its line end', async () => {
    await writeFile(join(folder, 'key'), 'a long enough secret\n')
    const { secret } = await load(SOUND)
    expect((await secret({ file: 'key' })).text).toBe('a long enough secret')
  })

  test('given as a hash stays one', async () => {
    const { secret } = await load(SOUND)
    expect(await secret({ sha256: sha })).toEqual({ text: null, sha256: sha })
  })

  test('that is missing or too short is refused by the name of its place', async () => {
    await writeFile(join(folder, 'key'), 'short')
    const { secret } = await load(SOUND)
    await expect(secret({ env: 'BUSBAR_TEST_UNSET' })).rejects.toMatchObject({
      code: 'config.secret',
      message: 'the environment variable BUSBAR_TEST_UNSET is not set',
    })
    await expect(secret({ file: 'none' })).rejects.toMatchObject({
      code: 'config.secret',
      message: expect.stringContaining(join(folder, 'none')),
    })
    await expect(secret({ file: 'key' })).rejects.toMatchObject({
      code: 'config.secret',
      message: `${join(folder, 'key')}: expected a secret of at least 16 characters, found 5`,
    })
  })
})
