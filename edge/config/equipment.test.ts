import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'

/** A depot with everything that only some sites have; tests change one line of it. */
const SPECIAL = `version: 1
depot: { id: yard, name: Yard, time_zone: Europe/Berlin, virtual: true }
data_folder: data
ocpp: { listen: { host: 127.0.0.1, port: 9000 } }
lan_http: { listen: { host: 127.0.0.1, port: 8080 } }
site:
  nominal_voltage_v: 120
  circuits:
    - { id: grid, name: Grid, rating_a: 200, other_loads_a: 0, unbalance_limit_a: 30 }
    - { id: a, name: Feed A, parent: grid, rating_a: 150, other_loads_a: 0 }
    - { id: b, name: Feed B, parent: grid, rating_a: 150, other_loads_a: 0 }
    - id: bus
      name: Bus
      fed_by: [{ circuit: a, worst_share: 0.7 }, { circuit: b, worst_share: 0.6 }]
      rating_a: 200
      bus_rating_a: 250
      neutral: { rating_a: 100, third_harmonic: 0.2 }
      other_loads_a: 0
    - { id: pv, name: Roof, parent: bus, rating_a: 80, other_loads_a: 0, source: { kind: pv, rating_kw: 28 } }
    - { id: tie, name: Tie, parent: grid, rating_a: 100, other_loads_a: 0 }
  limits:
    - { circuit: grid, by: contract, limit_kw: 60 }
    - { circuit: grid, by: grid-operator, limit_kw: 40, hours: { from: "17:00", to: "20:00", days: [mon, tue] } }
    - { circuit: grid, by: grid-operator, direction: export, limit_kw: 10 }
    - { circuit: bus, by: operator, limit_a: 90 }
meters:
  - { id: m, name: Meter, role: grid, circuit: grid, profile: janitza-umg, modbus_tcp: { host: 127.0.0.1, port: 502, unit: 1 }, accuracy_pct: 2 }
stations:
  - id: A
    circuit: bus
    secret: { virtual: secret-of-station-A }
    evses: [{ evse: 1, current: ac, rating_a: 32, phases: [l1, l2, l3], fallback_a: 6 }]
  - id: C
    circuit: bus
    secret: { virtual: secret-of-station-C }
    cabinet: { input_a: 60, input_kw: 20, idle_kw: 0.3, modules: { count: 4, each_kw: 5 } }
    evses:
      - { evse: 1, current: dc, rating_kw: 20, phases: [l1, l2, l3], fallback_kw: 3 }
      - { evse: 2, current: dc, rating_kw: 20, phases: [l1, l2, l3], fallback_kw: 3, cable_a: 40 }
vehicles: [{ id: bus-1, id_tokens: [T1], battery_kwh: 300, battery_max_v: 420 }]
`
/** The same without what does not go together with lines to lines. */
const AMERICAN = SPECIAL.replace(', unbalance_limit_a: 30', '').replace(
  'rating_a: 32, phases: [l1, l2, l3], fallback_a: 6',
  'rating_a: 32, phases: [l1, l2], connection: line-line, fallback_a: 6',
)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-equipment-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function load(text: string) {
  const file = join(folder, 'depot.yaml')
  await writeFile(file, text)
  return loadConfig(file)
}

async function faults(text: string): Promise<string> {
  const error = await load(text).then(
    () => expect.fail('the file was accepted'),
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ name: 'DepotError', code: 'config.invalid' })
  return String((error as Error).message).replaceAll(join(folder, 'depot.yaml:'), '')
}

function changed(text: string, was: string, now: string): string {
  expect(text).toContain(was)
  return text.replace(was, now)
}

test('a file with all that only some sites have becomes a site with it', async () => {
  const { site } = await load(SPECIAL)
  const [grid, bus, pv] = [...site.circuits.values()].filter(({ id }) => ['grid', 'bus', 'pv'].includes(id))
  expect(grid).toMatchObject({ unbalanceA: 30, marginA: 4, parent: null })
  expect(bus).toMatchObject({
    parent: 'a',
    feeds: [
      { circuit: 'a', share: 0.7 },
      { circuit: 'b', share: 0.6 },
    ],
    neutral: { ratingA: 100, thirdHarmonic: 0.2 },
    busA: { l1: 250, l2: 250, l3: 250 },
  })
  expect(pv?.source).toEqual({ kind: 'pv', ratingW: 28_000, firmAbovePct: null })
  expect(
    site.limits?.map(({ circuit, origin, direction, limit, hours }) => [
      circuit,
      origin,
      direction,
      limit,
      hours,
    ]),
  ).toEqual([
    ['grid', 'contract', 'import', { limit_w: 60_000 }, undefined],
    ['grid', 'grid-operator', 'import', { limit_w: 40_000 }, { from: 1020, to: 1200, days: [0, 1] }],
    ['grid', 'grid-operator', 'export', { limit_w: 10_000 }, undefined],
    ['bus', 'operator', 'import', { limit_a: 90 }, undefined],
  ])
  expect(site.cabinets).toMatchObject([
    {
      station: 'C',
      circuit: 'bus',
      inputA: { l1: 60 },
      inputW: 20_000,
      idleW: 300,
      modules: { count: 4, powerW: 5000 },
    },
  ])
})

test('an outlet may have a weak cable, and a vehicle a battery voltage', async () => {
  const { site, fleet } = await load(SPECIAL)
  expect([...site.evses.values()].map(({ cableA }) => cableA)).toEqual([undefined, undefined, 40])
  expect([...fleet.vehicles.values()].map(({ batteryV }) => batteryV)).toEqual([420])
})

test('EVSEs from line to line are taken, at the voltage of their transformer', async () => {
  const fed = changed(
    AMERICAN,
    'name: Tie, parent: grid,',
    'name: Tie, parent: grid, transformer: { group: Dyn11, primary_v: 480, secondary_v: 208 },',
  )
  const { site } = await load(
    changed(
      fed,
      'circuit: bus\n    secret: { virtual: secret-of-station-A }',
      'circuit: tie\n    secret: { virtual: secret-of-station-A }',
    ),
  )
  expect([...site.evses.values()][0]?.connection).toBe('line-line')
  expect(site.circuits.get('tie' as never)?.transformer).toEqual({ group: 'Dyn11', ratio: 480 / 208 })
})

describe('an error names line, place and what was expected:', () => {
  test.each([
    [
      'one feed alone',
      SPECIAL,
      'fed_by: [{ circuit: a, worst_share: 0.7 }, { circuit: b, worst_share: 0.6 }]',
      'fed_by: [{ circuit: a }]',
      '14: site.circuits.3.fed_by: two feeds or more',
    ],
    [
      'a parent beside feeds',
      SPECIAL,
      'fed_by: [{',
      'parent: grid\n      fed_by: [{',
      '15: site.circuits.3.fed_by: parent or fed_by, not both',
    ],
    [
      'shares that are not all of it',
      SPECIAL,
      'worst_share: 0.6',
      'worst_share: 0.2',
      '12: circuit bus: the worst shares of its feeds add up to 0.90',
    ],
    [
      'a share of 0',
      SPECIAL,
      'worst_share: 0.6',
      'worst_share: 0',
      '14: site.circuits.3.fed_by.1.worst_share',
    ],
    [
      'a feed that is not there',
      SPECIAL,
      '{ circuit: b, worst_share: 0.6 }',
      '{ circuit: x }',
      '12: circuit bus: its parent "x" does not exist',
    ],
    [
      'a neutral without a rating',
      SPECIAL,
      '{ rating_a: 100, third_harmonic',
      '{ third_harmonic',
      '17: site.circuits.3.neutral.rating_a',
    ],
    [
      'a neutral rated 0',
      SPECIAL,
      '{ rating_a: 100, third',
      '{ rating_a: 0, third',
      '17: site.circuits.3.neutral.rating_a',
    ],
    [
      'a source without a rating',
      SPECIAL,
      '{ kind: pv, rating_kw: 28 }',
      '{ kind: pv }',
      '19: site.circuits.4.source.rating_kw',
    ],
    [
      'a firm roof',
      SPECIAL,
      'rating_kw: 28 }',
      'rating_kw: 28, firm_above_pct: 20 }',
      '19: site.circuits.4.source: no firm_above_pct',
    ],
    [
      'loads on a source',
      SPECIAL,
      'rating_a: 80, other_loads_a: 0, source',
      'rating_a: 80, other_loads_a: 3, source',
      '19: circuit pv: a source has a circuit of its own, without EVSEs, other circuits or loads',
    ],
    [
      'a station on a source',
      SPECIAL,
      'circuit: bus\n    secret: { virtual: secret-of-station-A }',
      'circuit: pv\n    secret: { virtual: secret-of-station-A }',
      '19: circuit pv: a source has a circuit of its own, without EVSEs, other circuits or loads',
    ],
    [
      'a limit without a value',
      SPECIAL,
      'by: contract, limit_kw: 60',
      'by: contract',
      '22: site.limits.0: exactly one of limit_a, limit_kw',
    ],
    [
      'a limit for a circuit that is not there',
      SPECIAL,
      '{ circuit: bus, by: operator',
      '{ circuit: x, by: operator',
      '25: site.limits.3.circuit: a circuit of this site; "x" is none',
    ],
    [
      'an export limit in A',
      SPECIAL,
      'direction: export, limit_kw: 10',
      'direction: export, limit_a: 10',
      '24: site.limits.2: limit_kw, for an export limit',
    ],
    ['hours that are none', SPECIAL, 'from: "17:00"', 'from: "25:00"', '23: site.limits.1.hours.from: HH:MM'],
    [
      'a cabinet that limits nothing',
      SPECIAL,
      '{ input_a: 60, input_kw: 20, idle_kw: 0.3, modules: { count: 4, each_kw: 5 } }',
      '{ idle_kw: 0.3 }',
      '36: stations.1.cabinet: input_a, input_kw or modules',
    ],
    [
      'a cabinet that does not say what it takes idle',
      SPECIAL,
      'input_kw: 20, idle_kw: 0.3',
      'input_kw: 20',
      '36: stations.1.cabinet.idle_kw',
    ],
    ['no modules at all', SPECIAL, 'count: 4', 'count: 0', '36: stations.1.cabinet.modules.count'],
    [
      'three lines for line to line',
      AMERICAN,
      'phases: [l1, l2], c',
      'phases: [l1, l2, l3], c',
      'EVSE A/1: an EVSE from line to line is AC and names two conductors',
    ],
    [
      'an unbalance limit above line to line',
      AMERICAN,
      'rating_a: 200, other_loads_a: 0 }',
      'rating_a: 200, other_loads_a: 0, unbalance_limit_a: 30 }',
      '9: circuit grid: its unbalance cannot be limited',
    ],
    [
      'a transformer of another voltage',
      SPECIAL,
      'rating_a: 200\n',
      'rating_a: 200\n      transformer: { group: Dyn1, primary_v: 480, secondary_v: 400 }\n',
      'site.circuits.3.transformer: secondary_v near 208',
    ],
    [
      'an unbalance that nobody measures',
      SPECIAL,
      'name: Tie, parent: grid, rating_a: 100, other_loads_a: 0',
      'name: Tie, parent: grid, rating_a: 100, other_loads_a: 5, unbalance_limit_a: 9',
      '20: circuit tie: its unbalance is limited and no meter tells',
    ],
    [
      'F44 fallbacks above a cabinet input',
      SPECIAL,
      'input_kw: 20',
      'input_kw: 6',
      '33: station C: input: fallbacks and idle power add up to 7.0 kW, above its 6.0 kW',
    ],
    [
      'F44 fallbacks that need more modules than there are',
      SPECIAL,
      'count: 4',
      'count: 1',
      '33: station C: power modules: fallbacks add up to 10.0 kW, above its 5.0 kW',
    ],
    [
      'F44 fallbacks above what was agreed',
      SPECIAL,
      'operator, limit_a: 90',
      'operator, limit_a: 25',
      '12: circuit bus: limit of the operator, phase L1: fallbacks add up to',
    ],
    [
      'F44 fallbacks above an agreed limit of some hours',
      SPECIAL,
      'limit_kw: 40, hours',
      'limit_kw: 5, hours',
      '9: circuit grid: limit of the grid-operator: fallbacks add up to',
    ],
    [
      'F44 fallbacks above a feed at its worst share',
      SPECIAL,
      'name: Feed A, parent: grid, rating_a: 150',
      'name: Feed A, parent: grid, rating_a: 20',
      '10: circuit a: phase L1: fallbacks and other loads add up to',
    ],
  ])('%s', async (_what, text, was, now, told) => {
    expect(await faults(changed(text, was, now))).toContain(told)
  })
})
