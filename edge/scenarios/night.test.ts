import { PHASES } from '@busbar/units/per-phase.ts'
import { fromIso, instant, minutes } from '@busbar/units/time.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTransactions } from '../domain/charging/transaction.ts'
import { worstCase } from '../domain/load-balancing/transition.ts'
import type { FleetVehicle } from '../simulators/depot/depot.ts'
import { TestDepot } from './test-depot.ts'

/** Twelve vehicles arrive between six and seven and leave after eight; their demand is twice the limit. */
const STATIONS = [
  ...['A1', 'A2', 'A3', 'A4'].map((id) => ({ id, feeder: 'hall' })),
  { id: 'B1', feeder: 'yard' },
  { id: 'B2', feeder: 'yard', phases: ['l2', 'l3', 'l1'] as const },
  { id: 'B3', feeder: 'yard', phases: ['l3', 'l1', 'l2'] as const },
  { id: 'B4', feeder: 'yard' },
  ...['C1', 'C2', 'C3', 'C4'].map((id) => ({ id, feeder: 'dc', dcKw: 60 })),
]
const START = Date.UTC(2026, 10, 21, 17, 55)
const LIMIT_KW = 190

const SIX = 18 * 60

const FLEET = STATIONS.map(
  ({ id }, index): FleetVehicle => ({
    vehicle: {
      id: `v-${id}`,
      idToken: `TAG-v-${id}`,
      batteryWh: 300_000,
      phases: id === 'B4' ? 1 : 3,
      maxAcW: id === 'B4' ? 7_400 : 22_000,
      maxDcW: 60_000,
    },
    visits: [
      {
        station: id,
        arrivalMinute: SIX + 8 + index * 5,
        departureMinute: SIX + 125 + index * 3,
        socPct: 40,
        socNeededPct: 60,
      },
    ],
  }),
)

describe('a night in which demand is twice the limit', () => {
  let test: TestDepot
  const seen = {
    overloadS: 0,
    longestOverloadS: 0,
    feederOverA: Number.NEGATIVE_INFINITY,
    raises: 0,
    raisedOvercommitted: 0,
    overcommitted: 0,
    decisions: 0,
    belowMinimum: 0,
    minuteRatios: [] as number[],
    limited: 0,
    singlePhase: 0,
  }

  /** Every decision is judged, not only those that a second ends with. */
  function judge({ snapshot, transition }: ReturnType<TestDepot['edge']['control']['decision']>): void {
    const over = new Set(
      worstCase(snapshot).flatMap((load, row) => (load > (snapshot.rows[row]?.capacity ?? 0) ? [row] : [])),
    )
    seen.decisions++
    if (over.size > 0) seen.overcommitted++
    for (const { key } of transition.moves.filter(({ kind }) => kind === 'raise')) {
      seen.raises++
      const loads = snapshot.evses.find((evse) => evse.key === key)?.loads ?? []
      if (loads.some(({ row }) => over.has(row))) seen.raisedOvercommitted++
    }
  }

  beforeAll(async () => {
    test = await TestDepot.start({
      startMs: START,
      gridA: 320,
      limitKw: LIMIT_KW,
      otherA: 60,
      feeders: [
        { id: 'hall', ratingA: 100 },
        { id: 'yard', ratingA: 80 },
        { id: 'dc', ratingA: 400 },
      ],
      stations: STATIONS,
      fleet: FLEET,
    })
    test.edge.control.onDecision(() => judge(test.edge.control.decision()))
    const minute = { used: 0, room: 0, seconds: 0, scarce: true }
    let overS = 0
    await test.pass(minutes(172), () => {
      const { power, evses } = test.live()
      const trueA = test.drawnA('grid')
      overS =
        (power.import_w ?? 0) > LIMIT_KW * 1000 || PHASES.some((phase) => trueA[phase] > 320) ? overS + 1 : 0
      seen.overloadS += overS > 0 ? 1 : 0
      seen.longestOverloadS = Math.max(seen.longestOverloadS, overS)
      for (const [feeder, rating] of [
        ['hall', 100],
        ['yard', 80],
        ['dc', 400],
      ] as const)
        seen.feederOverA = Math.max(
          seen.feederOverA,
          ...PHASES.map((phase) => test.drawnA(feeder)[phase] - rating),
        )
      for (const evse of evses)
        if (evse.offered_a !== null && evse.offered_a > 0 && evse.offered_a < 6) seen.belowMinimum++
      const limited = evses.filter(({ state }) => state === 'limited').length
      seen.limited = Math.max(seen.limited, limited)
      if (test.evse('B4').phases.length === 1) seen.singlePhase++
      minute.used += power.import_w ?? 0
      minute.room += power.limit_w - power.held_w
      minute.scarce &&= evses.some(({ binding_row: row }) => row === 'grid/power')
      if (++minute.seconds === 60) {
        if (minute.scarce) seen.minuteRatios.push(minute.used / minute.room)
        Object.assign(minute, { used: 0, room: 0, seconds: 0, scarce: true })
      }
    })
  }, 300_000)
  afterAll(() => test.stop())

  it('no feeder conductor ever carries more than its rating', () => {
    expect(seen.feederOverA).toBeLessThanOrEqual(0)
    expect(seen.feederOverA).toBeGreaterThan(-10)
  })

  it('the grid connection is above its limit never longer than tick, round trip and settle time together', () => {
    expect(seen.longestOverloadS).toBeLessThanOrEqual(10)
    expect(seen.overloadS).toBeLessThanOrEqual(60)
  })

  it('while demand exceeds it, ninety percent of the limit less what is held is used in every minute', () => {
    expect(seen.minuteRatios.length).toBeGreaterThan(60)
    expect(Math.min(...seen.minuteRatios)).toBeGreaterThanOrEqual(0.9)
  })

  it('no EVSE is ever offered something between nothing and its minimum', () => {
    expect(seen.belowMinimum).toBe(0)
    expect(seen.limited).toBeGreaterThanOrEqual(4)
  })

  it('no limit rises on a row whose worst case is over its limit, and the worst case fits but for moments after the building load rose', () => {
    expect(seen.raises).toBeGreaterThan(50)
    expect(seen.raisedOvercommitted).toBe(0)
    expect(seen.overcommitted).toBeLessThan(seen.decisions * 0.05)
  })

  it('a vehicle on one phase is learned and counted on that phase alone', () => {
    expect(seen.singlePhase).toBeGreaterThan(60)
  })

  it('every vehicle came, charged and left, and its energy is the difference of its registers', async () => {
    expect([...test.edge.control.depot.memory.table(openTransactions).keys()]).toEqual([])
    const transactions = await test.transactions()
    expect(transactions.map(({ vehicle }) => vehicle).sort()).toEqual(
      FLEET.map(({ vehicle }) => vehicle.id).sort(),
    )
    const receipts = test.depot.receipts()
    for (const transaction of transactions) {
      const of = receipts.filter(({ transactionId }) => String(transactionId) === transaction.transaction)
      const start = of.find(({ kind }) => kind === 'start')
      const stop = of.find(({ kind }) => kind === 'stop')
      expect(transaction.energy_wh).toBe((stop?.meterWh ?? 0) - (start?.meterWh ?? 0))
      expect(transaction.energy_wh).toBeGreaterThan(5_000)
      expect(fromIso(transaction.started_at)).toBeGreaterThan(instant(START))
    }
  })
})
