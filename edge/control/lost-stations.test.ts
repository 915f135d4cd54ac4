import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StationAnswer } from '../domain/commands.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { ACCEPTED, GOOD, Stage } from './testing/stage.ts'

const REJECTED: StationAnswer = { status: 'rejected', reason: 'no' }
const _UNANSWERED: StationAnswer = { status: 'unanswered', reason: 'timeout', detail: '' }
const _OFFLINE: StationAnswer = { status: 'not-sent', reason: 'offline' }

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

const _sentAt = (id: string) => stage.limits(id).filter(({ kind }) => kind === 'set-transaction-limit')
const _now = () => stage.clock.monotonic()

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

describe('a lost station', () => {
  test('is counted at its lease, then at its fallback, and what it leaves is given to others', async () => {
    await charging('A', 'B')
    await drive(60)
    await stage.leave('A', 1)
    drawn.delete('A')
    await drive(150)
    expect(stage.evse('A').hold).toBe(30_000)
    expect(stage.running('B').at(-1)).toBe(30)
    await drive(220)
    expect(stage.evse('A').hold).toBe(6000)
    expect(stage.running('B').at(-1)).toBe(32)
  })

  test('keeps its lease whatever the wall clock does', async () => {
    await charging('A')
    await drive(30)
    await stage.leave('A', 1)
    const { clock } = stage
    if (clock instanceof FakeClock) clock.stepWall(minutes(60))
    await stage.pass(seconds(2))
    expect(stage.evse('A').hold).toBe(32_000)
    if (clock instanceof FakeClock) clock.stepWall(minutes(-180))
    await stage.pass(minutes(6))
    expect(stage.evse('A').hold).toBe(6000)
  })

  test('is counted at its rating when nobody knows what it does alone', async () => {
    await stage.join('B', { ...GOOD, offline: 'unknown' })
    await charging('A')
    await stage.charge('B', 'TAG-2')
    drawn.set('B', 6)
    await drive(60)
    await stage.leave('B', 4)
    await stage.pass(seconds(2))
    expect(stage.evse('B').hold).toBe(32_000)
    expect(stage.running('A').at(-1)).toBeLessThanOrEqual(28)
  })

  test('has its vehicle counted on every wired conductor again', async () => {
    await stage.charge('A')
    for (let s = 0; s < 40; s++) {
      stage.draw('A', 10, { phases: 1 })
      await stage.pass(seconds(1))
    }
    expect(stage.evse('A').loads).toHaveLength(1)
    await stage.leave('A', 1)
    await stage.pass(seconds(1))
    expect(stage.evse('A').loads).toHaveLength(3)
  })

  test('gets its fallback first and then its running limit when it is back', async () => {
    await charging('A')
    await drive(30)
    await stage.leave('A', 1)
    await stage.pass(seconds(20))
    const before = stage.limits('A').length
    await stage.connect('A')
    stage.boot('A')
    await stage.settle()
    expect(
      stage
        .limits('A')
        .slice(before)
        .map(({ kind, value }) => `${kind} ${value}`),
    ).toEqual(['set-default-limit 6', 'set-transaction-limit 32'])
  })

  test('gets them after five seconds also when it does not boot', async () => {
    await stage.leave('A', 1)
    const before = stage.limits('A').length
    await stage.connect('A')
    await stage.pass(seconds(4))
    expect(stage.limits('A').length).toBe(before)
    await stage.pass(seconds(2))
    expect(
      stage
        .limits('A')
        .slice(before)
        .map(({ kind }) => kind),
    ).toEqual(['set-default-limit'])
  })
})

describe('a station without a proven fallback', () => {
  test('is counted at its rating until it has accepted one and is seen to be idle', async () => {
    const fresh = new Stage({ clock: new FakeClock(), site })
    fresh.reply = ({ command }) => (command.kind === 'set-default-limit' ? REJECTED : ACCEPTED)
    await fresh.start()
    await fresh.join('A')
    await fresh.pass(seconds(2))
    expect(fresh.evse('A').hold).toBe(32_000)
    fresh.reply = () => ACCEPTED
    await fresh.pass(seconds(16))
    expect(fresh.evse('A').fallback).toBe(6000)
    await fresh.pass(seconds(20))
    expect(fresh.evse('A').hold).toBe(0)
  })

  test('that charges when first seen is counted at its rating until it is seen to obey', async () => {
    const fresh = new Stage({ clock: new FakeClock(), site })
    await fresh.start()
    await fresh.connect('A')
    fresh.boot('A', { ...GOOD, provenToObey: false })
    fresh.status('A', 'Occupied', 'Charging')
    await fresh.pass(seconds(10))
    expect(fresh.evse('A').hold).toBe(32_000)
    for (const a of [6, 20, 6]) {
      fresh.draw('A', a)
      await fresh.pass(seconds(1))
      expect(fresh.evse('A').fallback).toBe(32_000)
    }
    fresh.draw('A', 6)
    await fresh.pass(seconds(1))
    expect(fresh.evse('A').fallback).toBe(6000)
  })
})
