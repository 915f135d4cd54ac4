import { as, type CircuitId, evseKey, type StationId, type VehicleId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps } from '@busbar/units/electricity.ts'
import { type Duration, hours, later, minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ManualAct } from '../../domain/charging/manual/manual-act.ts'
import { worstCase } from '../../domain/load-balancing/transition.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage, stageStore } from '../testing/stage.ts'

const site = exampleSite(
  [exampleCircuit('grid', { ratingA: 100 }), exampleCircuit('hall', { parent: 'grid', ratingA: 40 })],
  [exampleEvse('A', 'hall'), exampleEvse('B', 'hall')],
)
const IDS = ['A', 'B'] as const
const clock = new FakeClock()
let store: ReturnType<typeof stageStore>
let stage: Stage

const keyOf = (station: string) => evseKey(as<StationId>(station), 1)
const in_ = (by: Duration) => later(clock.now(), by)
const act = (what: ManualAct, by = 'Ada') => stage.control.submit({ type: 'manual-act', act: what, by })
const override = (
  station: string,
  how: 'charge' | 'pause',
  of: Partial<Extract<ManualAct, { kind: 'override' }>> = {},
) =>
  ({
    kind: 'override',
    evse: keyOf(station),
    how,
    limit: null,
    until: in_(hours(1)),
    reason: 'shunting',
    ...of,
  }) as const
const operatingLimit = (limitA: number, of: { until?: Duration } = {}) =>
  ({
    kind: 'operating-limit',
    circuit: as<CircuitId>('hall'),
    limitA,
    limitW: null,
    until: of.until === undefined ? null : in_(of.until),
    reason: 'the cable is warm',
  }) as const
const latest = (station: string) => stage.running(station).at(-1)

/** Vehicles that take what they are offered. */
async function drive(time: Duration, ...ids: readonly string[]): Promise<void> {
  for (let passed = 0; passed < time; passed += 1000) {
    for (const id of ids) stage.draw(id, latest(id) ?? 6)
    await stage.pass(seconds(1))
    const { snapshot } = stage.control.decision()
    const worst = worstCase(snapshot)
    snapshot.rows.forEach((row, index) => {
      if (row.duty === 'protect') expect(worst[index], row.id).toBeLessThanOrEqual(row.capacity)
    })
  }
}

async function startStage(): Promise<void> {
  stage = new Stage({ clock, site, store })
  await stage.start()
  for (const id of IDS) await stage.join(id)
  await stage.pass(seconds(40))
}

beforeEach(async () => {
  store = stageStore()
  await startStage()
  await stage.charge('A')
  await stage.charge('B', 'TAG-2')
  await drive(minutes(3), ...IDS)
})

describe('a pause by hand', () => {
  test('takes the limit away at once, gives it to the others and says by whom and until when', async () => {
    expect([latest('A'), latest('B')]).toEqual([20, 20])
    await act(override('A', 'pause')).durable
    await stage.settle()
    expect(latest('A')).toBe(0)
    await drive(minutes(2), ...IDS)
    expect(latest('B')).toBe(32)
    const { reason, reason_code: code, override: shown } = stage.live('A')
    expect(code).toBe('paused-by-hand')
    expect(reason).toMatch(/^Paused by Ada until \d\d:\d\d$/)
    expect(shown).toMatchObject({ how: 'pause', by: 'Ada', reason: 'shunting' })
  })

  test('keeps counting the default that the station may fall back to', async () => {
    act(override('A', 'pause'))
    await drive(minutes(2), ...IDS)
    act(operatingLimit(30))
    await drive(minutes(2), ...IDS)
    expect(latest('B')).toBe(24)
  })

  test('ends by itself, and sooner when it is cancelled', async () => {
    act(override('A', 'pause', { until: in_(minutes(5)) }))
    await drive(minutes(6), ...IDS)
    expect(latest('A')).toBe(20)
    act(override('A', 'pause'))
    await drive(minutes(1), ...IDS)
    act({ kind: 'override-end', evse: keyOf('A') })
    await drive(minutes(2), ...IDS)
    expect(latest('A')).toBe(20)
    expect(await stage.facts('OverrideEnded')).toMatchObject([
      { cause: 'expired', by: 'the controller' },
      { cause: 'cancelled', by: 'Ada' },
    ])
  })

  test('outlives a restart', async () => {
    await act(override('A', 'pause')).durable
    stage.control.stop()
    await startStage()
    await drive(minutes(2), ...IDS)
    expect(latest('A') ?? 0).toBe(0)
    expect(stage.live('A').override).toMatchObject({ how: 'pause', by: 'Ada' })
  })
})

describe('a charge by hand', () => {
  test('goes before all others within the circuit, who keep their fallback', async () => {
    act(override('B', 'charge'))
    await drive(minutes(3), ...IDS)
    expect([latest('A'), latest('B')]).toEqual([8, 32])
  })

  test('gets at most the limit that was named', async () => {
    act(override('B', 'charge', { limit: { limit_a: amps(24) } }))
    await drive(minutes(3), ...IDS)
    expect([latest('A'), latest('B')]).toEqual([16, 24])
  })

  test('S27: above the rating of its EVSE is refused', () => {
    const asked = act(override('A', 'charge', { limit: { limit_a: amps(33) } }))
    expect(asked.outcome).toEqual({ status: 'rejected', reason: 'A is rated 32 A: no limit is above that' })
  })

  test('ends with the transaction it was for', async () => {
    act(override('B', 'charge'))
    await drive(minutes(1), ...IDS)
    stage.end('B', { transaction: stage.control.depot.transactionAt(keyOf('B'))?.transaction ?? null })
    await stage.pass(seconds(2))
    expect(stage.live('B').override).toBeNull()
    expect(await stage.facts('OverrideEnded')).toMatchObject([{ cause: 'transaction-ended' }])
  })
})

describe('a priority by hand', () => {
  const give = (
    scope: 'vehicle' | 'group' | 'departure',
    id: string,
    priority: number,
    until: Duration | null = null,
  ) =>
    act({
      kind: 'priority',
      scope,
      id,
      priority,
      until: until === null ? null : in_(until),
      reason: 'late duty',
    })

  test('shares by it until it ends', async () => {
    give('vehicle', 'bus-2', 3, minutes(10))
    await drive(minutes(3), ...IDS)
    expect([latest('A'), latest('B')]).toEqual([30, 10])
    await drive(minutes(10), ...IDS)
    expect([latest('A'), latest('B')]).toEqual([20, 20])
  })

  test('of a departure goes before that of the vehicle, and that before the group’s', async () => {
    give('group', 'blue', 9)
    give('vehicle', 'bus-2', 1)
    await drive(minutes(3), ...IDS)
    expect(latest('A')).toBe(8)
    stage.control.submit({
      type: 'departures-set',
      departures: [
        {
          vehicle: as<VehicleId>('bus-1'),
          departureAt: in_(hours(20)),
          energyNeededWh: null,
          socNeededPct: null,
        },
      ],
      by: 'Ada',
    })
    give('departure', 'bus-1', 1)
    await drive(minutes(3), ...IDS)
    expect([latest('A'), latest('B')]).toEqual([20, 20])
    expect(stage.control.manual().priorities).toHaveLength(3)
  })

  test.each([
    ['vehicle', 'nobody', 'there is no vehicle nobody'],
    ['group', 'red', 'there is no group red'],
    ['departure', 'bus-2', 'bus-2 has no departure to come'],
  ] as const)('of %s %s is refused: %s', (scope, id, reason) => {
    expect(give(scope, id, 2).outcome).toEqual({ status: 'rejected', reason })
  })
})

describe('an operating limit', () => {
  test('holds the circuit below its rating until it ends', async () => {
    act(operatingLimit(24, { until: minutes(10) }))
    await drive(minutes(2), ...IDS)
    expect([latest('A'), latest('B')]).toEqual([12, 12])
    expect(stage.live('A')).toMatchObject({
      binding_row: 'hall/operating-l1',
      reason: 'The operating limit of hall, L1 is full; shared alike',
    })
    const hall = stage.control.live().circuits.find(({ id }) => id === 'hall')
    expect(hall?.operating_limit).toMatchObject({ limit_a: 24, by: 'Ada', reason: 'the cable is warm' })
    await drive(minutes(12), ...IDS)
    expect([latest('A'), latest('B')]).toEqual([20, 20])
    expect(await stage.facts('OperatingLimitEnded')).toMatchObject([{ cause: 'expired' }])
  })

  test.each([
    [41, 'hall carries 40 A: a limit is from 0 to that'],
    [-1, 'hall carries 40 A: a limit is from 0 to that'],
  ])('S27: of %s A is refused', (limitA, reason) => {
    expect(act(operatingLimit(limitA)).outcome).toEqual({ status: 'rejected', reason })
    expect(stage.control.live().circuits.every(({ operating_limit }) => operating_limit === null)).toBe(true)
  })

  test('in W is refused where nothing limits W', () => {
    expect(act({ ...operatingLimit(20), limitW: 5000 }).outcome.reason).toBe(
      'hall has no limit in W; give one in A',
    )
  })
})

describe('every act', () => {
  test('is remembered with who, when and why', async () => {
    await act(override('A', 'pause'), 'Bo').durable
    await act({ kind: 'override-end', evse: keyOf('A') }, 'Cy').durable
    expect(stage.control.manual().acts).toMatchObject([
      { act: 'OverrideEnded', by: 'Cy', data: { station: 'A', cause: 'cancelled' } },
      { act: 'OverrideSet', by: 'Bo', data: { station: 'A', how: 'pause', reason: 'shunting' } },
    ])
    expect(await stage.facts('OverrideSet')).toMatchObject([{ by: 'Bo', reason: 'shunting' }])
  })

  test.each([
    ['no reason', { reason: ' ' }, 'a reason of 1 to 200 characters is needed'],
    ['an end in the past', { until: 0 }, 'it would end within the minute'],
    ['an end beyond a day', { until: 25 * 3_600_000 }, 'an override ends within 24 hours'],
  ])('with %s is refused', (_, { until, ...of }: { reason?: string; until?: number }, reason) => {
    const end = until === undefined ? {} : { until: in_(until as Duration) }
    expect(act(override('A', 'pause', { ...of, ...end })).outcome).toEqual({ status: 'rejected', reason })
  })

  test('says beforehand who would lose and gain what, and changes nothing by that', async () => {
    const preview = stage.control.preview(override('B', 'charge'))
    expect(preview).toMatchObject({
      changes: [
        { label: 'A', vehicle: 'bus-1', before_w: 20 * 690, after_w: 8 * 690 },
        { label: 'B', vehicle: 'bus-2', before_w: 20 * 690, after_w: 32 * 690 },
      ],
    })
    expect(stage.control.preview(operatingLimit(24))).toMatchObject({
      total_before_w: 40 * 690,
      total_after_w: 24 * 690,
    })
    expect(stage.control.preview(operatingLimit(99))).toMatch(/hall carries 40 A/)
    await drive(minutes(1), ...IDS)
    expect([latest('A'), latest('B')]).toEqual([20, 20])
    expect(await stage.facts('OverrideSet')).toEqual([])
  })
})
