import { as, type VehicleId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { percent } from '@busbar/units/electricity.ts'
import { hours, later, minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { GOOD, Stage } from '../testing/stage.ts'
import { departureSentence } from './departure-sentence.ts'

const site = exampleSite(
  [
    exampleCircuit('grid', { ratingA: 100, otherA: 30, meter: 'm' }),
    exampleCircuit('hall', { parent: 'grid', ratingA: 40 }),
  ],
  [exampleEvse('A', 'hall'), exampleEvse('B', 'hall')],
)
let stage: Stage
let silent: boolean

beforeEach(async () => {
  silent = false
  stage = new Stage({ clock: new FakeClock(), site })
  stage.poll('m', () => (silent ? null : { a: 20 }))
  await stage.start()
  for (const id of ['A', 'B']) await stage.join(id, { ...GOOD, startsAlone: true })
  await stage.pass(seconds(40))
})

const circuit = (id: string) => stage.control.live().circuits.find((each) => each.id === id)

async function drive(time: number, socPct: number) {
  for (let passed = 0; passed < time; passed += seconds(5)) {
    stage.draw('A', 6, { socPct })
    await stage.pass(seconds(5))
  }
}

describe('what is worked out from a measurement', () => {
  test('is told while it is of the present, and no longer once the meter is silent', async () => {
    expect(stage.control.live().power).toMatchObject({
      import_w: 13_800,
      building_w: 13_800,
      quality: 'live',
    })
    expect(stage.control.live().power.headroom_w).not.toBeNull()
    silent = true
    await stage.pass(minutes(2))
    const { power } = stage.control.live()
    expect(power).toMatchObject({ import_w: 13_800, building_w: null, headroom_w: null })
    expect(power.age_ms).toBeGreaterThan(110_000)
  })

  test('is not the power of a circuit where more hangs than stations', async () => {
    expect([circuit('grid')?.power_w, circuit('hall')?.power_w]).toEqual([13_800, 0])
    silent = true
    await stage.pass(minutes(2))
    expect([circuit('grid')?.power_w, circuit('hall')?.power_w]).toEqual([null, 0])
  })
})

describe('an EVSE out of contact', () => {
  test('that may charge without us is not said to draw nothing', async () => {
    expect(stage.live('B').actual_w).toBe(0)
    await stage.leave('B', 2)
    await stage.pass(seconds(2))
    expect(stage.evse('B').hold).toBeGreaterThan(0)
    expect(stage.live('B').actual_w).toBeNull()
    expect(circuit('hall')?.power_w).toBeNull()
  })

  test('is not said to be ready, and what it said last bears its time', async () => {
    stage.control.submit({
      type: 'departures-set',
      by: 'Ada',
      departures: [
        {
          vehicle: as<VehicleId>('bus-1'),
          departureAt: later(stage.clock.now(), hours(8)),
          energyNeededWh: null,
          socNeededPct: percent(60),
        },
      ],
    })
    await stage.charge('A')
    await drive(seconds(30), 70)
    const leaving = () => stage.control.live().departures[0]
    expect(leaving()).toMatchObject({ readiness: 'ready', sentence: '70 % now, 60 % needed; ready' })
    await stage.leave('A', 1)
    await stage.pass(minutes(3))
    expect(leaving()).toMatchObject({ readiness: 'no-data', ready_at: null })
    expect(leaving()?.sentence).toMatch(/^70 % at \d\d:\d\d, 60 % needed$/)
    expect(stage.live('A')).toMatchObject({ readiness: 'no-data', ready_at: null })
  })
})

test('among those that share a row nobody is said to leave sooner who only comes first by priority', async () => {
  await stage.charge('A')
  await stage.charge('B', 'TAG-2')
  const act = {
    kind: 'priority',
    scope: 'vehicle',
    id: 'bus-2',
    priority: 2,
    until: null,
    reason: 'r',
  } as const
  stage.control.submit({ type: 'manual-act', by: 'Ada', act })
  for (let passed = 0; passed < 120; passed += 5) {
    for (const id of ['A', 'B']) stage.draw(id, stage.running(id).at(-1) ?? 6)
    await stage.pass(seconds(5))
  }
  expect(['A', 'B'].map((id) => stage.live(id).reason)).toEqual([
    'hall, L1 is full; among the first',
    'hall, L1 is full; others come first',
  ])
})

const known = {
  connected: true,
  soc: 61,
  estimated: false,
  needed: 90,
  energy: null,
  state: 'on-track',
  ready: '03:36',
  when: null,
}
test.each([
  [{}, '61 % now, 90 % needed, ready 03:36 at this pace'],
  [{ estimated: true }, 'About 61 % now, 90 % needed, ready 03:36 at this pace'],
  [{ when: 'at 18:05', ready: null }, '61 % at 18:05, 90 % needed'],
  [{ energy: '12.0 of 40.0 kWh', needed: null, when: 'at 18:05', ready: null }, '12.0 of 40.0 kWh at 18:05'],
  [{ soc: null, ready: null, when: 'when last heard of' }, 'State of charge unknown, 90 % needed'],
  [{ connected: false }, 'Not connected'],
])('what is known of a departure is told as it is: %j', (change, sentence) => {
  expect(departureSentence({ ...known, ...change })).toBe(sentence)
})
