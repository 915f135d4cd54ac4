import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StationAnswer } from '../domain/commands.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { ACCEPTED, Stage } from './testing/stage.ts'

const REJECTED: StationAnswer = { status: 'rejected', reason: 'no' }
const UNANSWERED: StationAnswer = { status: 'unanswered', reason: 'timeout', detail: '' }
const OFFLINE: StationAnswer = { status: 'not-sent', reason: 'offline' }

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

describe('raises and decreases', () => {
  test('other loads that rise suddenly are answered at once, also while the measured load is below the limit', async () => {
    building = 24
    await stage.pass(seconds(40))
    await charging('A')
    await drive(5)
    expect(stage.running('A').at(-1)).toBe(32)
    drawn.set('A', 10)
    for (let n = 0; n < 4; n++) {
      stage.draw('A', 10)
      await stage.pass(seconds(3))
    }
    stage.measure('m', { a: 40 + 10 })
    await stage.settle()
    expect(stage.running('A').at(-1)).toBe(20)
  })

  test('a first vehicle gets what it asks for', async () => {
    await charging('A')
    await drive(3)
    expect(stage.running('A')).toEqual([32])
    expect(stage.evse('A').hold).toBe(32_000)
  })

  test('a raise waits for what others give up to be proven, and the sum of holds always fits', async () => {
    await charging('A')
    await drive(40)
    await charging('B')
    const worst: number[] = []
    await drive(60, () => worst.push(Math.max(...stage.control.decision().transition.worst)))
    expect([stage.running('A').at(-1), stage.running('B').at(-1)]).toEqual([30, 30])
    expect(Math.max(...worst)).toBeLessThanOrEqual(60_000)
    const lowered = sentAt('A').find(({ value }) => value === 30)?.at ?? 0
    const raised = sentAt('B').find(({ value }) => value > 28)?.at ?? 0
    expect(raised).toBeGreaterThan(lowered)
  })

  test('a rise of the building load lowers limits at once, within dead band and rest', async () => {
    await charging('A', 'B')
    await drive(100)
    expect(stage.running('A').at(-1)).toBe(30)
    building = 1
    stage.measure('m', { a: 61 })
    await stage.settle()
    expect(sentAt('B').at(-1)).toMatchObject({ value: 29, at: now() })
    expect(stage.running('A').at(-1)).toBe(30)
    building = 20
    stage.measure('m', { a: 80 })
    await stage.settle()
    expect((stage.running('A').at(-1) ?? 0) + (stage.running('B').at(-1) ?? 0)).toBeLessThanOrEqual(40)
    expect(sentAt('A').at(-1)?.at).toBe(now())
  })

  test('nothing is sent while nothing changes but leases', async () => {
    await charging('A', 'B')
    await drive(60)
    const before = stage.said.length
    await drive(90)
    const levels = stage.said
      .slice(before)
      .map(({ command }) => ('limit' in command ? command.limit : command))
    expect(levels).toEqual([{ limit_a: 30 }, { limit_a: 30 }])
  })

  test('a lease is renewed before it ends, under the same level', async () => {
    await charging('A')
    await drive(320)
    const times = sentAt('A')
    expect(times.map(({ value }) => value)).toEqual([32, 32, 32, 32])
    expect(times.slice(1).map(({ at }, index) => Math.round((at - (times[index]?.at ?? 0)) / 1000))).toEqual([
      101, 101, 101,
    ])
  })
})

describe('a store that stalls', () => {
  test('holds raises back and lets decreases leave at once', async () => {
    await charging('A')
    await drive(40)
    stage.store.factLog.stall()
    building = 50
    stage.measure('m', { a: 82 })
    await stage.settle()
    expect(stage.running('A').at(-1)).toBe(10)
    building = 0
    await drive(60)
    expect(stage.running('A').at(-1)).toBe(10)
    expect(stage.evse('A').hold).toBeGreaterThan(10_000)
    stage.store.factLog.resume()
    await drive(2)
    expect(stage.running('A').at(-1)).toBe(32)
  })

  test('a raise leaves only after the record that it may be in force', async () => {
    const recorded: Promise<number>[] = []
    stage.reply = ({ command }) => {
      if (command.kind === 'set-transaction-limit')
        recorded.push(
          stage
            .facts('ChargingLimitSent')
            .then((sent) => sent.filter(({ transaction }) => transaction !== null).length),
        )
      return ACCEPTED
    }
    await charging('A')
    await stage.pass(seconds(1))
    expect(await Promise.all(recorded)).toEqual([1])
  })

  /** A vehicle at 10 A whose raise to 32 A has just been decided and waits for the disk. */
  async function raiseWaiting(): Promise<void> {
    building = 50
    await stage.pass(seconds(2))
    await charging('A')
    await drive(5)
    expect(stage.running('A')).toEqual([10])
    building = 0
    await drive(20)
    stage.store.factLog.stall()
    while (stage.evse('A').hold < 32_000) await drive(1)
    expect(stage.running('A')).toEqual([10])
  }
  const unsent = async () => {
    const answers = await stage.facts('ChargingLimitAnswered')
    return answers.filter(({ answer }) => answer === 'not-sent').map(({ reason }) => reason)
  }

  test('a raise that was overtaken by a decrease while it waited never leaves', async () => {
    await raiseWaiting()
    stage.measure('m', { a: 86 })
    await stage.settle()
    expect(stage.running('A')).toEqual([10, 6])
    stage.store.factLog.resume()
    await stage.settle()
    expect(stage.running('A')).toEqual([10, 6])
    expect(await unsent()).toEqual(['superseded'])
  })

  test('a raise that waited no longer than two seconds leaves', async () => {
    await raiseWaiting()
    await stage.pass(seconds(1))
    stage.store.factLog.resume()
    await stage.settle()
    expect(stage.running('A')).toEqual([10, 32])
    expect(await unsent()).toEqual([])
  })

  test('a raise that waited longer is decided anew', async () => {
    await raiseWaiting()
    await stage.pass(seconds(3))
    stage.store.factLog.resume()
    await stage.settle()
    expect(await unsent()).toEqual(['superseded'])
    expect(stage.running('A')).toEqual([10, 32])
  })

  test('a raise does not leave once its rows have come to be overcommitted', async () => {
    building = 40
    await stage.pass(seconds(2))
    await charging('A', 'B')
    await drive(35)
    building = 0
    await drive(25)
    stage.store.factLog.stall()
    while (stage.evse('B').hold < 30_000) await drive(1)
    stage.measure('m', { a: 61 })
    await stage.settle()
    expect(stage.control.decision().transition.overcommitted).not.toEqual([])
    stage.store.factLog.resume()
    await stage.settle()
    const answers = await stage.facts('ChargingLimitAnswered')
    const never = answers.filter(({ answer }) => answer === 'not-sent').map(({ station }) => station)
    expect(never.sort()).toEqual(['A', 'B'])
  })
})

describe('a limit that the station does not take', () => {
  const only = (id: string, answer: StationAnswer) => {
    stage.reply = ({ station, command }) =>
      station === id && command.kind === 'set-transaction-limit' ? answer : ACCEPTED
  }

  test.each([
    ['refused', REJECTED],
    ['unanswered', UNANSWERED],
  ])('when %s is tried again after ten seconds, no sooner', async (_word, answer) => {
    only('A', answer)
    await charging('A')
    await stage.pass(seconds(36))
    const times = sentAt('A').map(({ at }) => at)
    expect(times.length).toBeGreaterThanOrEqual(3)
    for (const [index, at] of times.slice(1).entries())
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(10_000)
  })

  test('when a raise is unanswered it is counted, though it may never have come', async () => {
    only('A', UNANSWERED)
    await charging('A')
    await stage.pass(seconds(5))
    expect(stage.evse('A').hold).toBe(32_000)
  })

  test('when a raise is refused it is not counted', async () => {
    only('A', REJECTED)
    await charging('A')
    await stage.pass(seconds(5))
    expect(stage.evse('A').hold).toBe(6000)
  })

  test('when a decrease is refused the old limit is counted, and others give way', async () => {
    await charging('A', 'B')
    await drive(60)
    only('A', REJECTED)
    building = 20
    await drive(30)
    expect(stage.evse('A').hold).toBe(30_000)
    expect(stage.running('B').at(-1)).toBeLessThanOrEqual(10)
  })

  test('what stood before is sent at once when a row needs it, although a higher limit has just failed', async () => {
    only('A', UNANSWERED)
    await charging('A')
    await stage.pass(seconds(2))
    expect(stage.running('A')).toEqual([32])
    stage.measure('m', { a: 72 })
    await stage.settle()
    expect(stage.running('A')).toEqual([32, 6])
  })

  test('because it was out of contact is sent as soon as it is back', async () => {
    await charging('A')
    await drive(30)
    only('A', OFFLINE)
    building = 40
    await stage.pass(seconds(1))
    only('A', ACCEPTED)
    await stage.connect('A')
    await stage.pass(seconds(2))
    expect(stage.running('A').at(-1)).toBe(20)
  })
})

test('a person may not set or clear limits past the ledger', async () => {
  const { outcome } = stage.control.submit({
    type: 'station-command',
    station: site.evses.values().next().value?.station as never,
    command: { kind: 'clear-limits', evse: 1, purpose: 'default' },
    by: 'someone',
  })
  await stage.settle()
  expect(await outcome).toMatchObject({ status: 'rejected' })
  expect(stage.said.some(({ command }) => command.kind === 'clear-limits')).toBe(false)
})
