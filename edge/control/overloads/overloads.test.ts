import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage, stageStore } from '../testing/stage.ts'

/** A grid of 60 A with a meter; three AC stations with a fallback of 6 A. */
const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 60, otherA: 30, meter: 'm' })],
  ['A', 'B', 'C'].map((id) => exampleEvse(id, 'grid')),
)
const ROW = 'grid/l1'

let clock: FakeClock
let store: ReturnType<typeof stageStore>
let stage: Stage
let building: number
/** What each charging vehicle draws, from the limit it was given. */
let vehicles: Map<string, (limit: number) => number>
let stopped: Set<string>

const obeys = (limit: number) => limit
const drawnBy = (id: string) =>
  stopped.has(id) ? 0 : (vehicles.get(id)?.(stage.running(id).at(-1) ?? 6) ?? 0)
const total = () => [...vehicles.keys()].reduce((sum, id) => sum + drawnBy(id), 0)

async function drive(s: number): Promise<void> {
  for (let passed = 0; passed < s; passed++) {
    for (const id of vehicles.keys()) if (!stopped.has(id)) stage.draw(id, drawnBy(id))
    await stage.pass(seconds(1))
  }
}

const codes = () => stage.control.live().incidents.map(({ code, subject }) => `${code} ${subject.id}`)
const overload = () => codes().filter((code) => code.startsWith('overload') && code.endsWith(ROW))
const asked = (kind: string) =>
  stage.said.flatMap(({ station, command }) =>
    command.kind === kind ? [`${station} ${'operative' in command ? command.operative : ''}`.trim()] : [],
  )

async function raise(): Promise<void> {
  stage = new Stage({ clock, site, store })
  stage.poll('m', () => ({ a: building + total() }))
  await stage.start()
  for (const id of ['A', 'B', 'C']) await stage.join(id)
  await stage.pass(seconds(40))
}

beforeEach(async () => {
  clock = new FakeClock()
  store = stageStore()
  building = 0
  vehicles = new Map()
  stopped = new Set()
  await raise()
  for (const [index, id] of ['A', 'B'].entries()) {
    await stage.charge(id, `TAG-${index + 1}`)
    vehicles.set(id, obeys)
  }
  await drive(90)
  expect(total()).toBeGreaterThan(55)
})

describe('a measured overload', () => {
  test('that the balancer ends itself begins no ladder', async () => {
    building = 15
    await drive(60)
    expect(building + total()).toBeLessThanOrEqual(60)
    expect(overload()).toEqual([])
    expect(stage.running('A').at(-1)).toBeGreaterThan(6)
  })

  test('of the building alone takes all to their minimum, then to 0, and stops no vehicle that draws nothing', async () => {
    building = 62
    await drive(14)
    expect(overload()).toEqual([`overload.minimum ${ROW}`])
    await drive(90)
    expect(total()).toBe(0)
    expect(overload()).toContain(`overload.trip ${ROW}`)
    expect(asked('request-stop')).toEqual([])
    expect(asked('set-availability')).toEqual([])
  })

  test('by a station that ignores its limit stops that one first, takes it out of service and puts it back', async () => {
    vehicles.set('A', () => 32)
    building = 33
    await drive(35)
    expect(stage.running('B').at(-1)).toBe(0)
    expect(asked('request-stop')).toContain('A')
    expect(asked('request-stop')).not.toContain('B')
    await drive(16)
    expect(asked('set-availability')).toContain('A false')
    expect(stage.live('A').reason).toContain('overloaded')

    stage.end('A')
    stage.status('A', 'Available')
    stopped.add('A')
    building = 20
    await drive(minutes(11) / 1000)
    expect(overload()).toEqual([])
    expect(asked('set-availability')).toEqual(['A false', 'A true'])
    expect(drawnBy('B')).toBeGreaterThan(20)
    const told = await stage.facts('OverloadEscalated')
    expect(told.filter(({ row }) => row === ROW).map(({ step }) => step)).toEqual(
      expect.arrayContaining(['minimum', 'zero', 'stop', 'inoperative']),
    )
    expect(told.find(({ step }) => step === 'stop')?.offenders).toEqual(['A/1'])
    expect(told[0]).toMatchObject({ unit: 'A', limit: 60, circuit: 'grid' })
    expect((await stage.facts('OverloadEnded')).map(({ row }) => row)).toContain(ROW)
  })

  test('of more than 1.3 times the limit begins by ending transactions', async () => {
    for (const id of ['A', 'B']) vehicles.set(id, () => 32)
    building = 25
    await drive(3)
    expect(asked('request-stop')).toEqual(expect.arrayContaining(['A', 'B']))
  })

  test('lets nothing start on the circuit and nothing rise there until it is over', async () => {
    vehicles.set('A', () => 32)
    building = 33
    await drive(25)
    building = 0
    stage.status('C', 'Occupied', 'EVConnected')
    const answer = stage.authorize('C', 'TAG-3').outcome
    await drive(60)
    expect((await answer).status).toBe('Blocked')
    expect(stage.running('B').at(-1)).toBe(0)
  })

  test('ends by hand, and begins anew when it is still there', async () => {
    building = 62
    await drive(14)
    const end = () => stage.control.submit({ type: 'overload-ended', row: ROW, by: 'ann' }).outcome
    expect(end()).toEqual({ status: 'accepted', reason: null })
    expect(end().status).toBe('rejected')
    await drive(1)
    expect(overload()).toEqual([])
    expect((await stage.facts('OverloadEnded')).at(-1)).toMatchObject({ row: ROW, by: 'ann' })
    await drive(14)
    expect(overload()).toContain(`overload.minimum ${ROW}`)
  })

  test('is remembered over a restart, so that what was taken out of service is put back', async () => {
    vehicles.set('A', () => 32)
    building = 33
    await drive(50)
    expect(asked('set-availability')).toContain('A false')
    stage.control.stop()
    stopped.add('A')
    vehicles.delete('A')
    building = 10
    await raise()
    expect(overload().length).toBeGreaterThanOrEqual(4)
    expect(stage.said.some(({ station }) => station === as<StationId>('A'))).toBe(true)
    await drive(minutes(11) / 1000)
    expect(asked('set-availability')).toEqual(['A true'])
    expect(overload()).toEqual([])
  })
})
