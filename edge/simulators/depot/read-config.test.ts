import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readSimulation } from './read-config.ts'

const DEMO = new URL('../../../deploy/demo/simulation.yaml', import.meta.url).pathname
let folder: string
let demo: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulation-'))
  const profiles = join(dirname(DEMO), '../../firmware-profiles/meters')
  demo = (await readFile(DEMO, 'utf8')).replace('../../firmware-profiles/meters', profiles)
})
afterAll(() => rm(folder, { recursive: true }))

async function read(text: string) {
  const file = join(folder, 'simulation.yaml')
  await writeFile(file, text)
  return readSimulation(file)
}
const lineOf = (part: string): number => demo.slice(0, demo.indexOf(part)).split('\n').length

it("reads the demo's depot: 24 stations on three feeders, 24 vehicles, two of them one-phase in the yard", async () => {
  const options = await readSimulation(DEMO)
  const count = (prefix: string) => options.stations.filter((station) => station.id.startsWith(prefix)).length
  expect([count('A-'), count('B-'), count('C-')]).toEqual([8, 8, 8])
  expect(options.fleet).toHaveLength(24)
  const inYard = options.fleet.filter((guest) => guest.visits[0]?.station.startsWith('B-'))
  expect(inYard.filter((guest) => guest.vehicle.phases === 1)).toHaveLength(2)
  for (const station of options.stations) expect(station.secret).toBe(`demo-${station.id}-0123456789`)
})

it('gives a station the quirks that its entry names', async () => {
  const odd =
    'kind: ac, quirks: { profile.zero: ends, meter.no-trigger: true }, rating_a: 32, secret: demo-A-01'
  const { stations } = await read(demo.replace('kind: ac, rating_a: 32, secret: demo-A-01', odd))
  expect(stations[0]?.quirks).toEqual({ 'profile.zero': 'ends', 'meter.no-trigger': true })
  expect(stations[1]?.quirks).toEqual({})
})

it.each([
  ['a quirk that is in no station profile', 'profile.nought: true', 'stations[0].quirks'],
  ['a value that its key does not have', 'profile.zero: explodes', 'stations[0].quirks'],
])('refuses %s', async (_, quirk, where) => {
  const odd = `kind: ac, quirks: { ${quirk} }, rating_a: 32, secret: demo-A-01`
  const text = demo.replace('kind: ac, rating_a: 32, secret: demo-A-01', odd)
  await expect(read(text)).rejects.toMatchObject({ message: expect.stringContaining(where) })
})

const feeder = (id: string, port: number, unit: number, stations = '[A-01, A-02]') =>
  `  - { id: ${id}, profile: eastron-sdm630, port: ${port}, unit: ${unit}, stations: ${stations} }\n`
const withFeeders = (entries: string) =>
  demo.replace('\nbuilding:', `\nfeeder_meters:\n${entries}\nbuilding:`)

it('puts feeder meters with one port on one line', async () => {
  const text = withFeeders(feeder('F1', 1601, 1) + feeder('F2', 1601, 2) + feeder('F3', 1602, 1))
  expect((await read(text)).feederLines).toMatchObject([
    { id: 'feeders-1601', end: { kind: 'tcp', port: 1601 }, meters: [{ id: 'F1' }, { id: 'F2', unit: 2 }] },
    {
      id: 'feeders-1602',
      meters: [{ id: 'F3', profile: { id: 'eastron-sdm630' }, stations: ['A-01', 'A-02'] }],
    },
  ])
})

it.each([
  [
    'a unit twice on one port',
    feeder('F1', 1601, 1) + feeder('F2', 1601, 1),
    'port 1601 with unit 1 is another',
  ],
  ["the site meter's port", feeder('F1', 1502, 2), 'port 1502 with unit 2 is another'],
  [
    'a station that is not there',
    feeder('F1', 1601, 1, '[Z-99]'),
    'expected one of the stations, found "Z-99"',
  ],
])('refuses feeder meters with %s', async (_, entries, message) => {
  await expect(read(withFeeders(entries))).rejects.toMatchObject({
    code: 'config.simulation',
    message: expect.stringContaining(message),
  })
})

it.each([
  [
    'an unknown key',
    'kind: ac, rating_a: 32, secret: demo-A-01',
    'kind: ac, colour: red, rating_a: 32, secret: demo-A-01',
    'stations[0]',
    'Unrecognized key: "colour"',
  ],
  [
    'a missing rating',
    'id: A-02, kind: ac, rating_a: 32',
    'id: A-02, kind: ac',
    'stations[1].rating_a',
    'expected number',
  ],
  [
    'a visit to a station that is not there',
    'station: C-01,',
    'station: C-99,',
    'vehicles[16].visits[0].station',
    'expected one of the stations, found "C-99"',
  ],
  [
    'a time that is none',
    'arrival: "15:40"',
    'arrival: "25:40"',
    'vehicles[0].visits[0].arrival',
    'expected a time of day as "HH:MM"',
  ],
  ['a station given twice', 'id: A-02,', 'id: A-01,', 'stations[1].id', '"A-01" is given twice'],
  [
    'a rotation that repeats a conductor',
    '[l2, l3, l1]',
    '[l2, l2, l1]',
    'stations[2].rotation',
    'expected l1, l2 and l3 once each',
  ],
  [
    'a short secret',
    'secret: demo-A-01-0123456789',
    'secret: short',
    'stations[0].secret',
    'expected string to have >=16 characters',
  ],
  ['a zone that is none', 'Europe/London', 'Europe/Atlantis', 'time_zone', 'expected an IANA time zone'],
])('names file, line and place of %s', async (_name, from, to, place, expected) => {
  const wrong = read(demo.replace(from, to))
  await expect(wrong).rejects.toThrow(`simulation.yaml:${lineOf(from)}: ${place}: `)
  await expect(read(demo.replace(from, to))).rejects.toThrow(expected)
})

it('names the line of broken YAML, a meter profile nobody has, and a file that is not there', async () => {
  await expect(read('seed: 1\nedge: {')).rejects.toThrow(/simulation\.yaml:2: /)
  await expect(read(demo.replace('janitza-umg', 'acme-1'))).rejects.toThrow('no "acme-1"')
  await expect(readSimulation(join(folder, 'nowhere.yaml'))).rejects.toThrow('cannot be read')
})

it('generates the same fleet from the same seed, within the ranges given', async () => {
  const fleet = `fleet:
  - { prefix: V-, count: 12, stations: [A-01, A-02], battery_wh: [100000, 200000], arrival: ["17:00", "20:00"],
      departure: ["04:00", "08:00"], soc_pct: [20, 60], soc_needed_pct: 80 }
`
  const without = demo.slice(0, demo.indexOf('vehicles:'))
  const first = await read(without + fleet)
  expect(first.fleet).toHaveLength(12)
  expect((await read(without + fleet)).fleet).toEqual(first.fleet)
  for (const { vehicle, visits } of first.fleet) {
    expect(vehicle.batteryWh).toBeGreaterThanOrEqual(100_000)
    expect(vehicle.batteryWh).toBeLessThanOrEqual(200_000)
    expect(visits[0]?.arrivalMinute).toBeGreaterThanOrEqual(17 * 60)
    expect(visits[0]?.departureMinute).toBeLessThanOrEqual(8 * 60)
  }
  const other = await read(without.replace('seed: 20261121', 'seed: 5') + fleet)
  expect(other.fleet).not.toEqual(first.fleet)
})
