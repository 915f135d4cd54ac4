import { as, type CircuitId, type EvseKey, type IdToken, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import { GOOD, Stage } from './testing/stage.ts'

const STATIONS = ['A', 'B', 'C'] as const

/** A grid of 40 A with a meter, of which other loads may take 20 A. */
const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 40, otherA: 20, meter: 'm' })],
  STATIONS.map((id) => exampleEvse(id, 'grid')),
)

let stage: Stage
let building: number
const answers = new Map<string, string>()

/** Asks for room; the answer, once it comes, stands in `answers`. */
function ask(station: string, token = 'TAG-1'): void {
  answers.delete(station)
  void stage.authorize(station, token).outcome.then(({ status }) => answers.set(station, status))
}
const holdOf = (station: string) => stage.evse(station).hold / 1000
const reserved = (station: string) => stage.control.depot.reservations.has(as<EvseKey>(`${station}/1`))

beforeEach(async () => {
  building = 0
  answers.clear()
  stage = new Stage({ clock: new FakeClock(), site })
  stage.poll('m', () => (building < 0 ? null : { a: building }))
  await stage.start()
  for (const id of STATIONS) await stage.join(id)
  await stage.pass(seconds(40))
  expect(STATIONS.map(holdOf)).toEqual([0, 0, 0])
})

describe('an authorisation', () => {
  test('is answered at once where its fallback fits, and the room counts from then on', async () => {
    ask('A')
    await stage.settle()
    expect(answers.get('A')).toBe('Accepted')
    await stage.pass(seconds(1))
    expect(holdOf('A')).toBe(6)
  })

  test('of a token we do not know is refused and takes no room', async () => {
    ask('A', 'STRANGER')
    await stage.pass(seconds(1))
    expect(answers.get('A')).toBe('Unknown')
    expect(holdOf('A')).toBe(0)
  })

  test('waits while its room is not there, and is answered when it is', async () => {
    building = 36
    await stage.pass(seconds(2))
    ask('A')
    await stage.pass(seconds(10))
    expect(answers.has('A')).toBe(false)
    stage.control.depot.bases.clear()
    building = 20
    await stage.pass(seconds(3))
    expect(answers.get('A')).toBe('Accepted')
  })

  test('is answered with no after twenty seconds', async () => {
    building = 36
    await stage.pass(seconds(2))
    ask('A')
    await stage.pass(seconds(19))
    expect(answers.has('A')).toBe(false)
    await stage.pass(seconds(2))
    expect(answers.get('A')).toBe('Blocked')
    expect(holdOf('A')).toBe(0)
  })

  test('makes others give way, also when they have just changed', async () => {
    building = 20
    await stage.pass(seconds(2))
    await stage.charge('A')
    const drive = async () => {
      stage.draw('A', stage.running('A').at(-1) ?? 6)
      building = 20 + (stage.running('A').at(-1) ?? 6)
      await stage.pass(seconds(1))
    }
    for (let s = 0; s < 5; s++) await drive()
    expect(stage.running('A')).toEqual([20])
    ask('B', 'TAG-2')
    for (let s = 0; s < 15 && !answers.has('B'); s++) await drive()
    expect(stage.running('A').at(-1)).toBe(14)
    expect(answers.get('B')).toBe('Accepted')
  })

  test('of two at the same moment gets room once, where there is room for one', async () => {
    building = 30
    await stage.pass(seconds(2))
    ask('A')
    ask('B', 'TAG-2')
    await stage.pass(seconds(2))
    expect([answers.get('A'), answers.has('B')]).toEqual(['Accepted', false])
    expect(stage.control.decision().transition.worst[0]).toBeLessThanOrEqual(10_000)
  })

  test('is not given while a row is overcommitted, though its own room was counted', async () => {
    await stage.join('A', { ...GOOD, startsAlone: true })
    building = 47
    await stage.pass(seconds(2))
    ask('A')
    await stage.pass(seconds(3))
    expect(answers.has('A')).toBe(false)
  })

  test('waits for a meter that has just gone silent, and goes by its worst case when it stays silent', async () => {
    building = -1
    await stage.pass(seconds(4))
    ask('A')
    await stage.pass(seconds(4))
    expect(answers.has('A')).toBe(false)
    await stage.pass(seconds(4))
    expect(answers.get('A')).toBe('Accepted')
  })

  test('waits until the station has taken its fallback on this connection', async () => {
    stage.reply = () => null
    await stage.connect('A')
    stage.boot('A')
    await stage.settle()
    ask('A')
    await stage.pass(seconds(3))
    expect(answers.has('A')).toBe(false)
    for (const said of stage.said.slice(-1)) said.answer({ status: 'accepted' })
    await stage.pass(seconds(1))
    expect(answers.get('A')).toBe('Accepted')
  })

  test('does not wait for the disk', async () => {
    stage.store.factLog.stall()
    ask('A')
    await stage.settle()
    expect(answers.get('A')).toBe('Accepted')
  })

  test('of a station that has gone is answered with no and takes no room', async () => {
    building = 36
    await stage.pass(seconds(2))
    ask('A')
    await stage.leave('A', 1)
    building = 0
    stage.control.depot.bases.clear()
    await stage.pass(seconds(2))
    expect(answers.get('A')).toBe('Blocked')
    expect(reserved('A')).toBe(false)
  })
})

describe('reserved room', () => {
  test('is given back when nothing starts', async () => {
    ask('A')
    await stage.pass(seconds(19))
    expect(holdOf('A')).toBe(6)
    await stage.pass(seconds(3))
    expect(holdOf('A')).toBe(0)
  })

  test('passes to the transaction that starts', async () => {
    await stage.charge('A')
    expect(reserved('A')).toBe(false)
    await stage.pass(seconds(1))
    expect(holdOf('A')).toBeGreaterThanOrEqual(6)
  })

  test('is kept while the vehicle is plugged in, for its start may be slow', async () => {
    stage.status('A', 'Occupied', 'EVConnected')
    ask('A')
    await stage.pass(seconds(60))
    expect(holdOf('A')).toBe(6)
    stage.status('A', 'Available')
    await stage.pass(seconds(2))
    expect(holdOf('A')).toBe(0)
  })

  test('is not given back because the station says once more that it is free', async () => {
    ask('A')
    await stage.settle()
    stage.status('A', 'Available')
    await stage.pass(seconds(2))
    expect(holdOf('A')).toBe(6)
  })

  test('is kept when the station is lost, until it tells its state, for it may have started alone', async () => {
    ask('A')
    await stage.settle()
    await stage.leave('A', 1)
    await stage.pass(seconds(120))
    expect(holdOf('A')).toBe(6)
    await stage.join('A')
    await stage.pass(seconds(2))
    expect(holdOf('A')).toBe(0)
  })

  test('for a remote start is got before the station is asked, and refused where there is none', async () => {
    const start = async () => {
      const { outcome } = stage.control.submit({
        type: 'station-command',
        station: as<StationId>('A'),
        command: { kind: 'request-start', evse: 1, idToken: as<IdToken>('TAG-1') },
        by: 'someone',
      })
      let result: unknown = null
      void outcome.then((answer) => {
        result = answer
      })
      for (let s = 0; s < 25 && result === null; s++) await stage.pass(seconds(1))
      return result
    }
    building = 36
    await stage.pass(seconds(2))
    expect(await start()).toMatchObject({ status: 'rejected' })
    expect(stage.said.some(({ command }) => command.kind === 'request-start')).toBe(false)
    building = 0
    stage.control.depot.bases.clear()
    await stage.pass(seconds(2))
    expect(await start()).toMatchObject({ status: 'accepted' })
    await stage.pass(seconds(1))
    expect(holdOf('A')).toBe(6)
  })
})

describe('where a person set an operating limit', () => {
  const limit = (limitA: number) =>
    stage.control.submit({
      type: 'manual-act',
      by: 'Ada',
      act: {
        kind: 'operating-limit',
        circuit: as<CircuitId>('grid'),
        limitA,
        limitW: null,
        until: null,
        reason: 'the cable is warm',
      },
    })
  const onLimit = () => {
    const { snapshot, transition } = stage.control.decision()
    const row = snapshot.rows.findIndex(({ id }) => id === 'grid/operating-l1')
    return { load: transition.worst[row] ?? Number.NaN, capacity: snapshot.rows[row]?.capacity ?? Number.NaN }
  }

  test('others give way before a start is let in', async () => {
    limit(16)
    await stage.charge('A')
    const drive = async () => {
      building = stage.running('A').at(-1) ?? 6
      stage.draw('A', building)
      await stage.pass(seconds(1))
    }
    for (let s = 0; s < 60; s++) await drive()
    expect(stage.running('A').at(-1)).toBe(16)
    stage.status('B', 'Occupied', 'EVConnected')
    ask('B', 'TAG-2')
    for (let s = 0; s < 15 && !answers.has('B'); s++) await drive()
    expect(answers.get('B')).toBe('Accepted')
    expect(stage.running('A').at(-1)).toBe(10)
    expect(onLimit().load).toBeLessThanOrEqual(onLimit().capacity)
  })

  test('below its fallback, a start is let in after twenty seconds, and set to nothing', async () => {
    limit(5)
    stage.status('B', 'Occupied', 'EVConnected')
    ask('B', 'TAG-2')
    await stage.pass(seconds(19))
    expect(answers.has('B')).toBe(false)
    expect(stage.live('B').reason).toContain('The operating limit of grid')
    await stage.pass(seconds(2))
    expect(answers.get('B')).toBe('Accepted')
    stage.begin('B', { token: 'TAG-2' })
    await stage.pass(seconds(2))
    expect(stage.running('B').at(-1)).toBe(0)
    expect(onLimit().load).toBeLessThanOrEqual(onLimit().capacity)
  })
})
