import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { Stage } from './testing/stage.ts'
import { evsesNow } from './use.ts'

const broken = vi.hoisted(() => ({ balancer: false, loop: false, triage: false, fight: false, live: false }))

vi.mock('../domain/load-balancing/allocate.ts', async (original) => {
  const real = await original<typeof import('../domain/load-balancing/allocate.ts')>()
  const allocate: typeof real.allocate = (...given) => {
    if (broken.balancer) throw new RangeError('a share of NaN')
    return real.allocate(...given)
  }
  return { ...real, allocate }
})
vi.mock('./prioritise.ts', async (original) => {
  const real = await original<typeof import('./prioritise.ts')>()
  const prioritise: typeof real.prioritise = (...given) => {
    if (broken.triage) throw new RangeError('no triage')
    return real.prioritise(...given)
  }
  return { ...real, prioritise }
})
vi.mock('./assemble.ts', async (original) => {
  const real = await original<typeof import('./assemble.ts')>()
  const assemble: typeof real.assemble = (...given) => {
    if (broken.loop) throw new RangeError('no snapshot')
    return real.assemble(...given)
  }
  return { ...real, assemble }
})

vi.mock('./overloads/fight.ts', async (original) => {
  const real = await original<typeof import('./overloads/fight.ts')>()
  const fightOverloads: typeof real.fightOverloads = (...given) => {
    if (broken.fight) throw new RangeError('no ladder')
    return real.fightOverloads(...given)
  }
  return { ...real, fightOverloads }
})
vi.mock('./live/live-site.ts', async (original) => {
  const real = await original<typeof import('./live/live-site.ts')>()
  const liveSite: typeof real.liveSite = (...given) => {
    if (broken.live) throw new RangeError('no view')
    return real.liveSite(...given)
  }
  return { ...real, liveSite }
})

/** A grid of 60 A with a meter; two AC stations with a fallback of 6 A that fall back when their lease ends. */
const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 60, otherA: 30, meter: 'm' })],
  ['A', 'B'].map((id) => exampleEvse(id, 'grid')),
)

let stage: Stage
let building: number
let charging: readonly string[]

const drawnBy = (id: string) => stage.running(id).at(-1) ?? 6

async function drive(s: number): Promise<void> {
  for (let passed = 0; passed < s; passed++) {
    for (const id of charging) stage.draw(id, drawnBy(id))
    await stage.pass(seconds(1))
  }
}

beforeEach(async () => {
  Object.assign(broken, { balancer: false, loop: false, triage: false, fight: false, live: false })
  building = 0
  charging = []
  stage = new Stage({ clock: new FakeClock(), site })
  stage.poll('m', () => ({ a: building + charging.reduce((sum, id) => sum + drawnBy(id), 0) }))
  await stage.start()
  for (const id of ['A', 'B']) await stage.join(id)
  await stage.pass(seconds(40))
  await stage.charge('A')
  charging = ['A']
  await drive(90)
  expect(drawnBy('A')).toBe(32)
})

describe('while the balancer fails', () => {
  test('limits are renewed as they stand, nothing rises, and what arrives stays at its fallback', async () => {
    broken.balancer = true
    await stage.charge('B', 'TAG-2')
    charging = ['A', 'B']
    const renewedFrom = stage.running('A').length
    await drive(minutes(7) / 1000)
    const renewed = stage.running('A').slice(renewedFrom)
    expect(renewed.length).toBeGreaterThanOrEqual(4)
    expect(new Set(renewed)).toEqual(new Set([32]))
    expect(stage.running('B')).toEqual([])
    expect(stage.evse('A').hold).toBe(32_000)
    expect(stage.warnings.get('balancing.failed')).toContain('a share of NaN')
  })

  test('a limit still falls within one pass when the building takes more', async () => {
    broken.balancer = true
    building = 40
    await drive(3)
    expect(drawnBy('A')).toBeLessThanOrEqual(20)
    expect(drawnBy('A')).toBeGreaterThanOrEqual(6)
    building = 0
    await drive(120)
    expect(drawnBy('A')).toBeLessThanOrEqual(20)
  })

  test('each pass tries it again: once it answers, limits rise and the warning is gone', async () => {
    broken.balancer = true
    building = 40
    await drive(3)
    building = 0
    broken.balancer = false
    await drive(120)
    expect(drawnBy('A')).toBe(32)
    expect(stage.warnings.has('balancing.failed')).toBe(false)
  })
})

describe('while triage fails', () => {
  test('current is shared without it, and a warning says so', async () => {
    broken.triage = true
    await stage.charge('B', 'TAG-2')
    charging = ['A', 'B']
    await drive(120)
    expect(drawnBy('B')).toBeGreaterThan(20)
    expect(drawnBy('A') + drawnBy('B')).toBeLessThanOrEqual(60)
    expect(stage.warnings.get('balancing.triage-failed')).toContain('no triage')
    broken.triage = false
    await drive(1)
    expect(stage.warnings.has('balancing.triage-failed')).toBe(false)
  })
})

describe('while the whole loop fails', () => {
  test('after ten seconds limits are lowered to the fallback, nothing else is sent, and the process lives on', async () => {
    const before = stage.said.length
    broken.loop = true
    charging = []
    await stage.pass(seconds(9))
    expect(stage.said.length).toBe(before)
    await stage.pass(seconds(3))
    expect(stage.running('A').at(-1)).toBe(6)
    const lowered = stage.said.length
    await stage.pass(minutes(6))
    expect(stage.said.length).toBe(lowered)
    expect(stage.warnings.get('control.failed')).toContain('no snapshot')
    expect(evsesNow(stage.control.depot).map(({ hold }) => hold)).toEqual([6000, 0])
    broken.loop = false
    await stage.pass(seconds(3))
    expect(stage.warnings.has('control.failed')).toBe(false)
    expect(drawnBy('A')).toBe(32)
  })
})

describe('while a part of the loop fails', () => {
  test('that watches, the guard decides: limits fall, none rises, and a warning says so', async () => {
    broken.fight = true
    building = 40
    await drive(3)
    expect(drawnBy('A')).toBeLessThanOrEqual(20)
    building = 0
    await drive(120)
    expect(drawnBy('A')).toBeLessThanOrEqual(20)
    expect(stage.warnings.get('control.watch-failed')).toContain('no ladder')
    expect(stage.warnings.has('control.failed')).toBe(false)
    broken.fight = false
    await drive(60)
    expect(drawnBy('A')).toBe(32)
    expect(stage.warnings.has('control.watch-failed')).toBe(false)
  })

  test('that listens or draws the trend, everything else goes on', async () => {
    let told = 0
    const undo = stage.control.onDecision(() => {
      throw new RangeError('not listening')
    })
    stage.control.onDecision(() => void told++)
    broken.live = true
    building = 40
    await drive(10)
    expect(drawnBy('A')).toBeLessThanOrEqual(20)
    expect(told).toBeGreaterThan(5)
    expect(stage.warnings.get('control.listener-failed')).toContain('not listening')
    expect(stage.warnings.get('control.trend-failed')).toContain('no view')
    undo()
    broken.live = false
    await drive(6)
    expect(stage.warnings.has('control.listener-failed')).toBe(false)
    expect(stage.warnings.has('control.trend-failed')).toBe(false)
  })

  test('that sends, a limit counts as one that nobody answered, and is tried again', async () => {
    const { commands } = stage.control.depot.deps
    const { send } = commands
    Object.assign(commands, {
      send: () => {
        throw new RangeError('no line')
      },
    })
    building = 40
    await drive(3)
    expect(stage.evse('A')).toMatchObject({ hold: 32_000 })
    expect(drawnBy('A')).toBe(32)
    Object.assign(commands, { send })
    await drive(15)
    expect(drawnBy('A')).toBeLessThanOrEqual(20)
  })
})
