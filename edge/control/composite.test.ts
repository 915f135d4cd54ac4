import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps } from '@busbar/units/electricity.ts'
import { hours, minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StationAnswer } from '../domain/commands.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { doubtFacts } from './raw/doubts.ts'
import { ACCEPTED, Stage } from './testing/stage.ts'

const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 40 })],
  ['A', 'B'].map((id) => exampleEvse(id, 'grid')),
)

let stage: Stage
/** What A answers when it is asked for the limit it works out. */
let composite: StationAnswer

const asked = () =>
  stage.said.filter(({ station, command }) => command.kind === 'get-composite-limit' && station === 'A')
    .length
const drawn = (id: string) => stage.running(id).at(-1) ?? 6

async function drive(s: number): Promise<void> {
  for (let passed = 0; passed < s; passed++) {
    for (const id of ['A', 'B']) stage.draw(id, drawn(id))
    await stage.pass(seconds(1))
  }
}

beforeEach(async () => {
  composite = ACCEPTED
  stage = new Stage({ clock: new FakeClock(), site })
  stage.reply = ({ command }) => (command.kind === 'get-composite-limit' ? composite : ACCEPTED)
  await stage.start()
  for (const id of ['A', 'B']) await stage.join(id)
  await stage.pass(seconds(40))
})

async function bothCharge(answer: StationAnswer = ACCEPTED): Promise<void> {
  composite = answer
  await stage.charge('A')
  await stage.charge('B', 'TAG-2')
}

describe('the limit that a station works out', () => {
  test('is asked for once its first limit stands, hourly, and after each reconnect', async () => {
    await bothCharge()
    await drive(60)
    expect(asked()).toBe(1)
    await stage.pass(minutes(50))
    expect(asked()).toBe(1)
    await stage.pass(minutes(11))
    expect(asked()).toBe(2)
    await stage.leave('A', 1)
    await stage.connect('A')
    stage.boot('A')
    await stage.pass(minutes(1))
    expect(asked()).toBe(3)
  })

  test('is asked for no more where the station refuses to tell', async () => {
    await bothCharge({ status: 'rejected', reason: 'NotSupported' })
    await stage.pass(hours(3), minutes(1))
    expect(asked()).toBe(1)
    await stage.leave('A', 1)
    await stage.connect('A')
    stage.boot('A')
    await stage.pass(minutes(1))
    expect(asked()).toBe(2)
    await stage.pass(hours(3), minutes(1))
    expect(asked()).toBe(2)
  })

  test('above what it accepted is held, told of, and its limit is sent again', async () => {
    await bothCharge({ status: 'accepted', limit: { limit_a: amps(40) } })
    await drive(60)
    const [first, again] = stage.running('A')
    expect(again).toBe(first)
    expect(stage.evse('A').hold).toBe(40_000)
    expect(stage.running('B').at(-1)).toBe(0)
    const codes = () => stage.control.live().incidents.map(({ code, subject }) => `${code} ${subject.id}`)
    expect(codes()).toContain('limit.not-held A/1')

    composite = { status: 'accepted', limit: { limit_a: amps(6) } }
    await drive(3700)
    expect(codes()).not.toContain('limit.not-held A/1')
  })

  test('within what a request past the balancer may have raised it to is no lost limit', async () => {
    await bothCharge()
    await drive(60)
    const { depot } = stage.control
    const doubt = { station: as<StationId>('A'), limit: { limit_a: amps(26) }, profile: 4711, reboots: false }
    depot.underway.add('by-hand')
    depot.recorder.note(doubtFacts(depot, 1, { ...doubt, action: 'SetChargingProfile', command: 'by-hand' }))
    expect(stage.running('A').at(-1)).toBeLessThan(24)
    composite = { status: 'accepted', limit: { limit_a: amps(26) } }
    depot.composites.again(stage.evse('A').key)
    await drive(10)
    expect(asked()).toBe(2)
    expect(depot.composites.above.size).toBe(0)
    expect(depot.disobedience.size).toBe(0)
  })

  test('within what it accepted changes nothing', async () => {
    await bothCharge({ status: 'accepted', limit: { limit_a: amps(6) } })
    await drive(60)
    expect(asked()).toBe(1)
    expect(stage.evse('A').hold).toBeLessThan(32_000)
  })
})
