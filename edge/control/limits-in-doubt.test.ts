import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps } from '@busbar/units/electricity.ts'
import { seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StationAnswer } from '../domain/commands.ts'
import { guard } from '../domain/load-balancing/guard.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { doubtFacts } from './raw/doubts.ts'
import { ACCEPTED, Stage } from './testing/stage.ts'

const UNANSWERED: StationAnswer = { status: 'unanswered', reason: 'timeout', detail: '' }

/** A grid of 60 A with a meter; three AC stations with a fallback of 6 A. */
const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 60, otherA: 30, meter: 'm' })],
  ['A', 'B', 'C'].map((id) => exampleEvse(id, 'grid')),
)

let stage: Stage
/** Other loads on the grid, A; what vehicles draw is added. */
let building: number
let drawn: Map<string, number>

/** Every vehicle draws what its newest limit allows, and its station says so. */
async function drive(s: number, each?: () => void): Promise<void> {
  for (let passed = 0; passed < s; passed++) {
    for (const id of drawn.keys()) {
      drawn.set(id, stage.running(id).at(-1) ?? 6)
      stage.draw(id, drawn.get(id) ?? 0)
    }
    await stage.pass(seconds(1))
    each?.()
  }
}

async function charging(...ids: readonly string[]): Promise<void> {
  for (const [index, id] of ids.entries()) {
    await stage.charge(id, `TAG-${index + 1}`)
    drawn.set(id, 6)
  }
}

const sentAt = (id: string) => stage.limits(id).filter(({ kind }) => kind === 'set-transaction-limit')
const now = () => stage.clock.monotonic()

beforeEach(async () => {
  building = 0
  drawn = new Map()
  stage = new Stage({ clock: new FakeClock(), site })
  stage.poll('m', () => ({ a: building + [...drawn.values()].reduce((sum, a) => sum + a, 0) }))
  await stage.start()
  for (const id of ['A', 'B', 'C']) await stage.join(id)
  await stage.pass(seconds(40))
  expect(stage.control.depot.ready).toBe(true)
})

describe('a raise that nobody answered', () => {
  /** A at 10 A, as accepted, whose raise to 32 A has just been lost. */
  async function raiseLost(): Promise<void> {
    building = 50
    await stage.pass(seconds(2))
    await charging('A')
    await drive(35)
    expect(stage.running('A').at(-1)).toBe(10)
    stage.reply = ({ station, command }) =>
      station === 'A' && command.kind === 'set-transaction-limit' ? UNANSWERED : ACCEPTED
    building = 0
    while (stage.running('A').at(-1) !== 32) {
      stage.draw('A', 10)
      await stage.pass(seconds(1))
    }
    drawn.set('A', 10)
    stage.said.splice(0)
  }

  test('is not sent again while its rows may not rise; what stood before is', async () => {
    await raiseLost()
    stage.poll('m', () => null)
    await stage.pass(seconds(12))
    expect(stage.control.decision().snapshot.rows.every(({ mayRise }) => mayRise)).toBe(false)
    await stage.pass(seconds(15))
    expect(stage.running('A').length).toBeGreaterThan(0)
    expect(Math.max(...stage.running('A'))).toBeLessThanOrEqual(10)
    expect(stage.evse('A').hold).toBe(32_000)
  })

  test('lets nothing above what stood before leave as a decrease', async () => {
    await raiseLost()
    stage.measure('m', { a: 72 })
    await stage.settle()
    expect(stage.control.decision().transition.overcommitted).not.toEqual([])
    expect(stage.running('A')).toEqual([10])
    expect(sentAt('A').at(-1)?.at).toBe(now())
  })

  test('is not what a station that comes back is set to', async () => {
    await raiseLost()
    await stage.connect('A')
    stage.boot('A')
    await stage.settle()
    expect(stage.running('A')).toEqual([10])
  })

  test('is not what a station is told that asks for its limit', async () => {
    const asked = () =>
      stage.control.submit({ type: 'limit-asked', station: as<StationId>('A'), evse: 1 }).outcome.limit
    expect(asked()).toBeNull()
    await raiseLost()
    expect(asked()).toEqual({ limit_a: 10 })
    await drive(15)
    stage.reply = () => ACCEPTED
    await drive(60)
    expect(asked()).toEqual({ limit_a: 32 })
  })

  test('is not what the guard lets stand below it', async () => {
    await raiseLost()
    const { snapshot } = stage.control.decision()
    expect(stage.evse('A')).toMatchObject({ current: 32_000, sure: 10_000 })
    const rows = snapshot.rows.map((row) => ({ ...row, capacity: Math.min(row.capacity, 25_000) }))
    expect(guard({ ...snapshot, rows }).transition.moves).toMatchObject([{ level: 10_000 }])
  })

  test('is decided anew once the station answers, and then stands', async () => {
    await raiseLost()
    await drive(15)
    stage.reply = () => ACCEPTED
    await drive(60)
    expect(stage.running('A').at(-1)).toBe(32)
    expect(stage.evse('A').sure).toBeUndefined()
  })
})

describe('a station that does not obey', () => {
  /** A draws 30 A on and on. */
  async function disobeyed(): Promise<void> {
    await charging('A', 'B')
    await drive(60)
    building = 30
    for (let s = 0; s < 70; s++) {
      drawn.set('A', 30)
      drawn.set('B', stage.running('B').at(-1) ?? 6)
      stage.draw('A', 30)
      stage.draw('B', drawn.get('B') ?? 6)
      await stage.pass(seconds(1))
    }
  }

  test('is told again, then counted at its rating, and opens one incident that its vehicle takes away', async () => {
    await disobeyed()
    expect(stage.evse('A').hold).toBe(32_000)
    expect(stage.running('B').at(-1)).toBe(0)
    const opened = await stage.facts('IncidentOpened')
    expect(opened.filter(({ code }) => code === 'limit.not-obeyed').map(({ subject }) => subject.id)).toEqual(
      ['A/1'],
    )
    stage.end('A')
    stage.status('A', 'Available')
    await stage.pass(seconds(3))
    expect((await stage.facts('IncidentResolved')).map(({ code }) => code)).toContain('limit.not-obeyed')
    expect(stage.evse('A').hold).toBeLessThanOrEqual(30_000)
  })

  test('is still counted at its rating after a restart of the controller, until its vehicle leaves', async () => {
    await disobeyed()
    expect(stage.control.decision().evses[0]?.use.disobeying).toBe(true)
    const { store } = stage
    stage.control.stop()
    stage = new Stage({ clock: new FakeClock(stage.clock.now()), site, store })
    stage.poll('m', () => ({ a: 50 }))
    await stage.start()
    await stage.connect('A')
    for (let s = 0; s < 60; s++) {
      stage.draw('A', 10)
      await stage.pass(seconds(1))
    }
    expect(stage.control.depot.links.get(site.evses.values().next().value?.station as never)).toMatchObject({
      reconciled: true,
    })
    expect(stage.evse('A').hold).toBe(32_000)
    expect((await stage.facts('IncidentResolved')).map(({ code }) => code)).not.toContain('limit.not-obeyed')
    stage.end('A')
    stage.status('A', 'Available')
    await stage.pass(seconds(3))
    expect(stage.evse('A').hold).toBeLessThan(32_000)
    expect((await stage.facts('IncidentResolved')).map(({ code }) => code)).toContain('limit.not-obeyed')
  })

  test('never makes the row look empty: what is drawn above its limits counts', async () => {
    await charging('A', 'B')
    await drive(60)
    building = 0
    for (let s = 0; s < 40; s++) {
      for (const id of ['A', 'B']) {
        drawn.set(id, (stage.running(id).at(-1) ?? 6) + 0.9)
        stage.draw(id, drawn.get(id) ?? 6)
      }
      await stage.pass(seconds(1))
    }
    const total = [...drawn.values()].reduce((sum, a) => sum + a, 0)
    expect(total).toBeLessThanOrEqual(60)
  })
})

describe('a station that draws what a request past the balancer may have raised it to', () => {
  /** A draws this of the 20 A that the request granted it. */
  async function granted(a: number): Promise<void> {
    building = 30
    await charging('A', 'B')
    await drive(60)
    expect(stage.running('A').at(-1)).toBeLessThan(18)
    const { depot } = stage.control
    const doubt = { station: as<StationId>('A'), limit: { limit_a: amps(20) }, profile: 4711, reboots: false }
    depot.underway.add('by-hand')
    depot.recorder.note(doubtFacts(depot, 1, { ...doubt, action: 'SetChargingProfile', command: 'by-hand' }))
    for (let s = 0; s < 60; s++) {
      drawn.set('A', a)
      drawn.set('B', stage.running('B').at(-1) ?? 6)
      for (const [id, current] of drawn) stage.draw(id, current)
      await stage.pass(seconds(1))
    }
  }
  const told = async () => (await stage.facts('IncidentOpened')).map(({ code }) => code)

  test('obeys: no incident is opened, and its rating is not held', async () => {
    await granted(20)
    expect(await told()).not.toContain('limit.not-obeyed')
    expect(stage.evse('A').hold).toBe(20_000)
  })

  test('does not obey once it draws more than that', async () => {
    await granted(24)
    expect(await told()).toContain('limit.not-obeyed')
    expect(stage.evse('A').hold).toBe(32_000)
  })
})
