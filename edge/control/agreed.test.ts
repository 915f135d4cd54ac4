import { as, type CircuitId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import type { Phase } from '@busbar/units/per-phase.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import type { AgreedLimit, Circuit, Evse, Site } from '../domain/site/site.ts'
import { Stage } from './testing/stage.ts'

const minuteOf = (at: number): number => Math.floor(at / 60_000) % 1440

async function drive(stage: Stage, s: number, ids: readonly string[]): Promise<void> {
  for (let passed = 0; passed < s; passed++) {
    for (const id of ids) stage.draw(id, stage.running(id).at(-1) ?? 6)
    await stage.pass(seconds(1))
  }
}

describe('an agreed limit with hours', () => {
  test('lowers limits as soon as its hours begin, says whose it is, and lets them rise after its end', async () => {
    const clock = new FakeClock()
    const from = (minuteOf(clock.now()) + 4) % 1440
    const evening: AgreedLimit = {
      circuit: as<CircuitId>('grid'),
      origin: 'grid-operator',
      direction: 'import',
      limit: { limit_a: amps(10) },
      hours: { from, to: (from + 5) % 1440, days: [0, 1, 2, 3, 4, 5, 6] },
    }
    const site: Site = {
      ...exampleSite([exampleCircuit('grid', { ratingA: 63 })], [exampleEvse('A', 'grid')]),
      limits: [evening],
    }
    const stage = new Stage({ clock, site })
    await stage.start()
    await stage.join('A')
    await stage.pass(seconds(20))
    await stage.charge('A')
    await drive(stage, 120, ['A'])
    expect(stage.running('A').at(-1)).toBe(32)
    expect(stage.control.depot.rows.map(({ id }) => id)).toEqual(['grid/l1', 'grid/l2', 'grid/l3'])

    const wait = Math.ceil((from * 60_000 - (clock.now() % minutes(24 * 60))) / 1000)
    await drive(stage, wait, ['A'])
    await drive(stage, 2, ['A'])
    expect(stage.running('A').at(-1)).toBe(10)
    expect(stage.live('A').reason).toContain('grid-operator')

    await drive(stage, 5 * 60 + 60, ['A'])
    expect(stage.running('A').at(-1)).toBe(32)
    expect(stage.control.depot.rows).toHaveLength(3)
  })
})

test('the demand of a window is held against the least of what is rated and agreed for every hour', async () => {
  const agreed = (kw: number, of: Partial<AgreedLimit> = {}): AgreedLimit => ({
    circuit: as<CircuitId>('grid'),
    origin: 'contract',
    direction: 'import',
    limit: { limit_w: watts(kw * 1000) },
    ...of,
  })
  const site: Site = {
    ...exampleSite([exampleCircuit('grid', { limitW: 60_000, meter: 'm' })], [exampleEvse('A', 'grid')]),
    limits: [
      agreed(50),
      agreed(20, { hours: { from: 0, to: 60, days: [0] } }),
      agreed(10, { direction: 'export' }),
    ],
  }
  const stage = new Stage({ clock: new FakeClock(), site })
  stage.poll('m', () => ({ a: 10 }))
  await stage.start()
  await stage.pass(seconds(5))
  expect(stage.control.live().demand?.limit_w).toBe(50_000)
})

describe('on a conductor where currents of different angles meet', () => {
  const pair = (id: string, phases: Evse['phases']): Evse => ({
    ...exampleEvse(id, 'grid', { phases, ratingA: 30 }),
    connection: 'line-line',
  })
  const site = exampleSite(
    [exampleCircuit('grid', { ratingA: 75, otherA: 30, meter: 'm' })],
    [pair('P', ['l1', 'l2']), pair('R', ['l3', 'l1'])],
  )

  test('the building is told from the vehicles, whose currents do not simply add up', async () => {
    const stage = new Stage({ clock: new FakeClock(), site })
    const drawn = (id: string) => stage.running(id).at(-1) ?? 0
    const building = 20
    stage.poll('m', () => {
      const [p, r] = [drawn('P'), drawn('R')]
      // L1 to neutral at 0 degrees, the two pairs at 30 and -30.
      const along = building + (p + r) * Math.cos(Math.PI / 6)
      return { a: Math.hypot(along, (p - r) / 2) }
    })
    await stage.start()
    for (const id of ['P', 'R']) await stage.join(id)
    await stage.pass(seconds(40))
    await stage.charge('P')
    await stage.charge('R', 'TAG-2')
    await drive(stage, 300, ['P', 'R'])
    const row = stage.control.decision().snapshot.rows.find(({ id }) => id === 'grid/l1')
    expect(row?.base).toBeGreaterThan(19_000)
    expect(row?.base).toBeLessThan(24_000)
    expect(
      Math.hypot(building + (drawn('P') + drawn('R')) * Math.cos(Math.PI / 6), (drawn('P') - drawn('R')) / 2),
    ).toBeLessThan(75)
    // Added up as if in phase, 55 A would be all that the 20 A of the building leave them.
    expect(drawn('P') + drawn('R')).toBeGreaterThan(56)
  })
})

test('a weak neutral holds single-phase vehicles back, and is named as what does', async () => {
  const grid: Circuit = { ...exampleCircuit('grid'), neutral: { ratingA: amps(20), thirdHarmonic: 0.2 } }
  const one = (id: string, phase: Phase) => exampleEvse(id, 'grid', { phases: [phase] })
  const stage = new Stage({
    clock: new FakeClock(),
    site: exampleSite([grid], [one('P', 'l1'), one('R', 'l1')]),
  })
  await stage.start()
  for (const id of ['P', 'R']) await stage.join(id)
  await stage.pass(seconds(20))
  await stage.charge('P')
  await stage.charge('R', 'TAG-2')
  await drive(stage, 120, ['P', 'R'])
  const drawn = ['P', 'R'].map((id) => stage.running(id).at(-1) ?? 0)
  expect((drawn[0] ?? 0) + (drawn[1] ?? 0)).toBeLessThanOrEqual(20 / Math.hypot(1, 0.2))
  expect(stage.control.live().binding).toMatchObject({
    row: 'neutral',
    unit: 'A',
    headline: 'grid, neutral sets the pace',
  })
  expect(stage.live('P').reason).toContain('neutral')
})
