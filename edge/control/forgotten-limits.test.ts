import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { Stage } from './testing/stage.ts'

const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 60, otherA: 30, meter: 'm' })],
  [exampleEvse('A', 'grid')],
)

let stage: Stage
let metered: boolean
/** What the stamps of samples are behind by, ms. */
let behind: number

async function drive(s: number): Promise<void> {
  for (let passed = 0; passed < s; passed++) {
    const at = stage.clock.now() - behind
    const time = { at, stated: new Date(at).toISOString(), clock: 'synced' } as never
    stage.draw('A', stage.running('A').at(-1) ?? 6, { time })
    await stage.pass(seconds(1))
  }
}

beforeEach(async () => {
  metered = true
  behind = 0
  stage = new Stage({ clock: new FakeClock(), site })
  stage.poll('m', () => (metered ? { a: stage.running('A').at(-1) ?? 0 } : null))
  await stage.start()
  await stage.join('A')
  await stage.pass(seconds(40))
  await stage.charge('A')
  await drive(60)
  expect(stage.running('A').at(-1)).toBe(32)
  stage.said.splice(0)
})

describe('a station that boots while it charges', () => {
  test('gets its limit back, for it may have forgotten it', async () => {
    stage.boot('A')
    await stage.settle()
    expect(stage.running('A')).toEqual([32])
  })

  test('gets no more than its fallback where nothing may rise just now', async () => {
    metered = false
    await drive(12)
    stage.said.splice(0)
    stage.boot('A')
    await stage.settle()
    expect(stage.running('A')).toEqual([6])
  })
})

describe('a station that is lost', () => {
  const heldAfter = async (s: number) => {
    await stage.leave('A', 1)
    await stage.pass(seconds(s), seconds(5))
    return stage.evse('A').hold
  }

  test('counts at its limit for as long as a clock that is a minute behind keeps its lease', async () => {
    expect(await heldAfter(305)).toBe(32_000)
    await stage.pass(seconds(70))
    expect(stage.evse('A').hold).toBe(6000)
  })

  test('counts at its limit for good where its stamps told that its clock is farther behind', async () => {
    behind = minutes(5)
    await drive(660)
    expect(await heldAfter(1200)).toBe(32_000)
  })
})
