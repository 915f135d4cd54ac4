import { as, type CircuitId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { hours, later, minutes, seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import type { StationAnswer } from '../../domain/commands.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import type { Policy } from '../depot.ts'
import { ACCEPTED, Stage } from '../testing/stage.ts'

const IDS = ['A', 'B', 'C']
const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 120 }), exampleCircuit('hall', { parent: 'grid', ratingA: 40 })],
  IDS.map((id) => exampleEvse(id, 'hall')),
)

async function begin(policy: Partial<Policy> = {}, of = site): Promise<Stage> {
  const stage = new Stage({ clock: new FakeClock(), site: of, policy })
  await stage.start()
  for (const id of IDS) await stage.join(id)
  await stage.pass(seconds(40))
  return stage
}

async function drive(stage: Stage, s: number, ...ids: readonly string[]): Promise<void> {
  for (let passed = 0; passed < s; passed++) {
    for (const id of ids) stage.draw(id, stage.running(id).at(-1) ?? 6)
    await stage.pass(seconds(1))
  }
}

const whyOf = (stage: Stage, id: string) => stage.control.why(stage.evse(id).key)

/** When the sentence says that it may rise, as the stage's clock counts. */
function toldRise(stage: Stage, id: string): number {
  const at = /next raise at (\d\d):(\d\d):(\d\d) at the earliest/i.exec(stage.live(id).reason)
  expect([stage.live(id).reason, at !== null]).toEqual([stage.live(id).reason, true])
  const midnight = Math.floor(stage.clock.now() / hours(24)) * hours(24)
  return midnight + Number(at?.[1]) * 3_600_000 + Number(at?.[2]) * 60_000 + Number(at?.[3]) * 1000
}

describe('an EVSE that may not rise yet', () => {
  test('says when it may while its station is sent fewer limits: never a time that has passed', async () => {
    const stage = await begin({ limitWritesPerDay: 3 })
    await stage.charge('A')
    await stage.charge('B', 'TAG-2')
    await drive(stage, 60, 'A', 'B')
    stage.end('B')
    stage.status('B', 'Available')
    await drive(stage, 1, 'A')
    const before = stage.running('A').length
    for (let s = 0; stage.running('A').at(-1) !== 32; s++) {
      expect(s).toBeLessThan(700)
      if (stage.live('A').reason_code === 'resting')
        expect(toldRise(stage, 'A')).toBeGreaterThanOrEqual(Math.floor(stage.clock.now() / 1000) * 1000)
      await drive(stage, 1, 'A')
      if (s === 60) {
        expect(stage.live('A').reason).toMatch(/^Its station's memory is spared; next raise at /)
        expect(whyOf(stage, 'A')?.frees?.what).toContain('sent many limits')
      }
    }
    expect(stage.running('A').length).toBeGreaterThan(before)
  })

  test('says that it comes back in turn after an outage', async () => {
    const stage = await begin()
    await drive(stage, 60)
    for (const [n, id] of IDS.entries()) {
      await stage.leave(id, n + 1)
      await stage.join(id)
    }
    await stage.charge('A')
    await drive(stage, 5, 'A')
    expect(stage.live('A').reason).toMatch(/^Comes back in turn after an outage; next raise at /)
    const told = toldRise(stage, 'A')
    await drive(stage, (told - stage.clock.now()) / 1000 - 1, 'A')
    expect(stage.running('A').at(-1) ?? 6).toBe(6)
    await drive(stage, 2, 'A')
    expect(stage.running('A').at(-1)).toBe(32)
  })

  test('says that all limits together rise only so fast, and is not said to have what was not sent', async () => {
    const stage = await begin({ maxRiseWPerMin: 6000 })
    await stage.charge('A')
    await stage.charge('B', 'TAG-2')
    await drive(stage, 3, 'A', 'B')
    const waiting = IDS.find((id) => stage.live(id).reason_code === 'rises-in-turn') ?? ''
    expect(stage.live(waiting).reason).toBe('Rises in its turn: all limits together rise by 6.0 kW a minute')
    expect(whyOf(stage, waiting)?.limit).toBe(stage.running(waiting).at(-1) ?? 6)
  })

  test('says that its station refused the last limit, and when it is sent again', async () => {
    const stage = await begin()
    const refused: StationAnswer = { status: 'rejected', reason: 'Rejected' }
    stage.reply = ({ command }) => (command.kind === 'set-transaction-limit' ? refused : ACCEPTED)
    await stage.charge('A')
    stage.draw('A', 6)
    await stage.pass(seconds(2))
    expect(stage.live('A').reason).toMatch(
      /^Its station refused its last limit; 32 A is sent again at \d\d:\d\d:\d\d at the earliest$/,
    )
    expect(whyOf(stage, 'A')?.limit).toBe(6)
  })
})

describe('an EVSE that is given all it asks for', () => {
  test('says that a person limits it, and until when', async () => {
    const stage = await begin()
    await stage.charge('A')
    const until = later(stage.clock.now(), hours(1))
    stage.control.submit({
      type: 'manual-act',
      by: 'Ada',
      act: {
        kind: 'override',
        evse: stage.evse('A').key,
        how: 'charge',
        limit: { limit_a: amps(16) },
        until,
        reason: 'r',
      },
    })
    await drive(stage, 90, 'A')
    expect(stage.live('A')).toMatchObject({ reason_code: 'held-by-hand' })
    expect(stage.live('A').reason).toMatch(/^Limited by hand: 16 A by Ada, until \d\d:\d\d$/)
    expect(whyOf(stage, 'A')?.frees?.at).toBe(new Date(until).toISOString())
  })

  test('says that an operating limit holds it', async () => {
    const stage = await begin()
    await stage.charge('A')
    stage.control.submit({
      type: 'manual-act',
      by: 'Ada',
      act: {
        kind: 'operating-limit',
        circuit: as<CircuitId>('hall'),
        limitA: 20,
        limitW: null,
        until: null,
        reason: 'r',
      },
    })
    await drive(stage, 90, 'A')
    expect(stage.live('A').reason).toContain('The operating limit of hall, L1 is full')
  })

  test('says that a demand target holds it', async () => {
    const grid = exampleCircuit('grid', { ratingA: 120, meter: 'm' })
    const stage = await begin(
      {},
      exampleSite(
        [{ ...grid, demandTargetW: watts(8000) }],
        IDS.map((id) => exampleEvse(id, 'grid')),
      ),
    )
    stage.poll('m', () => ({ a: stage.running('A').at(-1) ?? 0 }))
    await drive(stage, 60)
    await stage.charge('A')
    await drive(stage, minutes(14) / 1000, 'A')
    expect(stage.live('A').reason).toContain('The demand target of grid is full')
  })
})

test('a connected station that has not told of its start says so, and not that its vehicle takes no more', async () => {
  const stage = await begin()
  await stage.charge('A')
  await drive(stage, 40, 'A')
  let connection = 1
  for (let times = 0; times < 5; times++) {
    await stage.leave('A', connection)
    connection = await stage.connect('A')
    await stage.pass(seconds(5))
  }
  expect(stage.live('A').reason).toMatch(/^Its connection comes and goes; .* kW held for what it may draw$/)
})
