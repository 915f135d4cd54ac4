import { as, type VehicleId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { percent } from '@busbar/units/electricity.ts'
import { hours, later, minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { ACCEPTED, GOOD, Stage } from '../testing/stage.ts'

const site = exampleSite(
  [
    exampleCircuit('grid', { ratingA: 60, otherA: 30, meter: 'm' }),
    exampleCircuit('hall', { parent: 'grid', ratingA: 50 }),
  ],
  [exampleEvse('A', 'hall'), exampleEvse('B', 'hall'), exampleEvse('C', 'grid')],
)

let stage: Stage
let building: number
let silent: boolean
const said = (id: string) => {
  const { state, reason, reason_code: code, binding_row: row } = stage.live(id)
  return { state, reason, code, row }
}

async function drive(s: number, ...ids: readonly string[]): Promise<void> {
  for (let passed = 0; passed < s; passed++) {
    for (const id of ids) stage.draw(id, stage.running(id).at(-1) ?? 6, { socPct: 40 })
    await stage.pass(seconds(1))
  }
}

/** What a step more for this EVSE alone would put on a row, beside what everyone is to get: mA or W. */
function withOneMore(id: string, rowId: string): { load: number; capacity: number } {
  const { snapshot, shares } = stage.control.decision()
  const row = snapshot.rows.findIndex((each) => each.id === rowId)
  const load = snapshot.evses.reduce((sum, evse) => {
    const perLevel = evse.loads.find((c) => c.row === row)?.perLevel ?? 0
    const share = evse.steerable ? (shares.get(evse.key)?.level ?? 0) : evse.expected
    const more = evse.key.startsWith(`${id}/`) ? Math.max(evse.min, share + evse.step) : share
    return sum + Math.ceil(perLevel * Math.max(more, evse.stuck) - 1e-6)
  }, 0)
  return { load, capacity: snapshot.rows[row]?.capacity ?? 0 }
}

beforeEach(async () => {
  building = 0
  silent = false
  stage = new Stage({ clock: new FakeClock(), site })
  stage.poll('m', () =>
    silent
      ? null
      : { a: building + ['A', 'B', 'C'].reduce((sum, id) => sum + (stage.running(id).at(-1) ?? 0), 0) },
  )
  await stage.start()
  for (const id of ['A', 'B', 'C']) await stage.join(id)
  await stage.pass(seconds(40))
})

describe('an EVSE says', () => {
  test('that it is free', () => {
    expect(said('A')).toMatchObject({ state: 'available', code: 'free', reason: 'Free' })
  })

  test('that its vehicle waits for authorisation', async () => {
    stage.status('A', 'Occupied', 'EVConnected')
    await stage.pass(seconds(1))
    expect(said('A')).toMatchObject({ state: 'waiting', code: 'awaits-authorization' })
  })

  test('which row has no room for its start', async () => {
    building = 56
    await stage.pass(seconds(2))
    stage.status('A', 'Occupied', 'EVConnected')
    void stage.authorize('A').outcome
    await stage.pass(seconds(2))
    expect(said('A')).toMatchObject({
      code: 'awaits-room',
      reason: 'grid, L1 is full; room is being made',
      row: 'grid/l1',
    })
  })

  test('that it has full power', async () => {
    await stage.charge('A')
    await drive(10, 'A')
    expect(said('A')).toMatchObject({
      state: 'charging',
      code: 'rating',
      reason: 'Full power; nothing limits it',
    })
  })

  test('which row it shares, and one more step for it alone would not fit there', async () => {
    await stage.charge('A')
    await stage.charge('B', 'TAG-2')
    await drive(60, 'A', 'B')
    expect(said('A')).toMatchObject({
      state: 'limited',
      code: 'row-full',
      row: 'hall/l1',
      reason: 'hall, L1 is full; shared alike',
    })
    await stage.charge('C', 'TAG-3')
    await drive(60, 'A', 'B', 'C')
    for (const id of ['A', 'B', 'C']) {
      const { row, code } = said(id)
      expect([id, code]).toEqual([id, 'row-full'])
      const { load, capacity } = withOneMore(id, row ?? '')
      expect(load).toBeGreaterThan(capacity)
    }
  })

  test('whether others leave sooner', async () => {
    stage.control.submit({
      type: 'departures-set',
      departures: [
        {
          vehicle: as<VehicleId>('bus-1'),
          departureAt: later(stage.clock.now(), hours(10)),
          energyNeededWh: null,
          socNeededPct: percent(100),
        },
      ],
      by: 'test',
    })
    building = 30
    await stage.pass(seconds(2))
    await stage.charge('A')
    await stage.charge('B', 'TAG-2')
    await drive(60, 'A', 'B')
    expect(said('A').reason).toBe('grid, L1 is full; among the first by departure')
    expect(said('B').reason).toBe('grid, L1 is full; others leave sooner')
  })

  test('that its row leaves it at its minimum', async () => {
    building = 48
    await stage.pass(seconds(2))
    await stage.charge('A')
    await stage.charge('B', 'TAG-2')
    await drive(10, 'A', 'B')
    expect(said('A').reason).toBe('grid, L1 is full; at its minimum until there is room')
  })

  test('when it may rise next', async () => {
    building = 40
    await stage.pass(seconds(2))
    await stage.charge('A')
    await drive(8, 'A')
    building = 15
    stage.control.depot.bases.clear()
    await drive(3, 'A')
    expect(said('A')).toMatchObject({ state: 'limited', code: 'resting' })
    const at = /Next raise at (\d\d):(\d\d):(\d\d)/.exec(said('A').reason)
    const due = Number(at?.[1]) * 3600 + Number(at?.[2]) * 60 + Number(at?.[3])
    const now = new Date(stage.clock.now())
    const left = due - (now.getUTCHours() * 3600 + now.getUTCMinutes() * 60 + now.getUTCSeconds())
    const before = stage.running('A').length
    await drive(left - 1, 'A')
    expect(stage.running('A').length).toBe(before)
    await drive(1, 'A')
    expect(stage.running('A').length).toBe(before + 1)
  })

  test('that its vehicle takes no more', async () => {
    await stage.charge('A')
    for (let s = 0; s < 90; s++) {
      stage.draw('A', 12, { socPct: 40 })
      await stage.pass(seconds(1))
    }
    expect(said('A')).toMatchObject({ state: 'charging', code: 'vehicle-limit' })
  })

  test('that its vehicle is paused', async () => {
    await stage.charge('A')
    stage.draw('A', 0)
    stage.status('A', 'Occupied', 'SuspendedEV')
    await stage.pass(seconds(2))
    expect(said('A')).toMatchObject({ state: 'waiting', code: 'vehicle-paused' })
  })

  test('that a silent meter lets nothing rise, by the name of that meter', async () => {
    await stage.charge('A')
    await drive(40, 'A')
    silent = true
    await drive(70, 'A')
    expect(stage.running('A').at(-1)).toBe(6)
    expect(said('A')).toMatchObject({
      state: 'limited',
      code: 'meter',
      reason: 'Meter grid not live; nothing rises',
    })
  })

  test('that it draws more than it accepted, and no longer once it obeys', async () => {
    await stage.charge('A')
    await drive(40, 'A')
    building = 40
    for (let s = 0; s < 25; s++) {
      stage.draw('A', 32)
      await stage.pass(seconds(1))
    }
    expect(said('A').code).toBe('not-obeying')
    expect(said('A').reason).toMatch(/^Draws more than the \d+ A it accepted$/)
    await drive(3, 'A')
    expect(said('A').code).toBe('row-full')
  })

  test('until when a lost one is held, and that is when it is let go', async () => {
    await stage.charge('A')
    await drive(30, 'A')
    await stage.leave('A', 1)
    await stage.pass(seconds(1))
    expect(said('A')).toMatchObject({ state: 'offline', code: 'offline-leased' })
    expect(said('A').reason).toMatch(/^Offline; .* kW held until \d\d:\d\d, then its fallback$/)
    await stage.pass(minutes(6))
    expect(said('A')).toMatchObject({ code: 'offline-held' })
    expect(stage.evse('A').hold).toBe(6000)
  })

  test('that a lost one that draws nothing without us holds nothing', async () => {
    await stage.leave('A', 1)
    await stage.pass(seconds(1))
    expect(said('A')).toMatchObject({ code: 'offline', reason: 'Offline; draws nothing without us' })
    expect(stage.evse('A').hold).toBe(0)
  })

  test('what its station says is wrong', async () => {
    stage.status('A', 'Faulted')
    await stage.pass(seconds(1))
    expect(said('A').reason).toMatch(/^Fault since \d\d:\d\d$/)
    stage.status('A', 'Unavailable')
    await stage.pass(seconds(1))
    expect(said('A').reason).toMatch(/^Out of service since \d\d:\d\d$/)
  })

  test('what the start-up waits for', async () => {
    const fresh = new Stage({ clock: new FakeClock(), site })
    fresh.poll('m', () => ({ a: 0 }))
    await fresh.start()
    for (const id of ['A', 'B']) await fresh.join(id)
    await fresh.join('C')
    fresh.reply = () => ACCEPTED
    await fresh.pass(seconds(2))
    fresh.begin('A')
    await fresh.pass(seconds(1))
    expect(fresh.live('A')).toMatchObject({
      reason_code: 'startup',
      reason: 'Starting up: waits for five good readings of Meter grid',
    })
  })

  test('that its token is not accepted', async () => {
    stage.begin('A', { token: 'STRANGER' })
    await stage.pass(seconds(1))
    expect(said('A').code).toBe('not-authorized')
  })
})

test('figures that nobody knows are not shown as known', async () => {
  const fresh = new Stage({ clock: new FakeClock(), site })
  await fresh.start()
  const { power, evses } = fresh.control.live()
  expect(power).toMatchObject({
    import_w: null,
    building_w: null,
    headroom_w: null,
    measured_at: null,
    quality: 'reserve',
  })
  expect(evses.map(({ state }) => state)).toEqual(['offline', 'offline', 'offline'])
  await fresh.connect('A')
  fresh.boot('A', GOOD)
  await fresh.pass(seconds(1))
  expect(fresh.live('A')).toMatchObject({ state: 'unknown', actual_w: null })
})

test('a person asking something of a station is no sign of life of it', async () => {
  await stage.pass(seconds(30))
  const before = stage.live('A').last_message_at
  stage.control.submit({
    type: 'station-command',
    station: as('A'),
    command: { kind: 'trigger', message: 'Heartbeat', evse: null },
    by: 'someone',
  })
  await stage.pass(seconds(1))
  expect(stage.live('A').last_message_at).toBe(before)
  stage.status('A', 'Available')
  expect(stage.live('A').last_message_at).not.toBe(before)
})
