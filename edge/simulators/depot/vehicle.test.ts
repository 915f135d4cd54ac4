import { instant } from '@busbar/units/time.ts'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../random.ts'
import type { Offer } from '../station/connected-vehicle.ts'
import { Vehicle, type VehiclePlan } from './vehicle.ts'

const PLAN: VehiclePlan = {
  id: 'B-1',
  idToken: 'TAG-B-1',
  batteryWh: 100_000,
  socPct: 50,
  phases: 3,
  maxAcW: 22_080,
  maxDcW: 100_000,
}
const ac = (limitA: number): Offer => ({ kind: 'ac', limitA, phases: 3, voltageV: [230, 230, 230] })
const dc = (limitW: number): Offer => ({ kind: 'dc', limitW })

function vehicle(changes: Partial<VehiclePlan> = {}, seed = 1) {
  const it = new Vehicle({ ...PLAN, ...changes }, seededRandom(seed))
  let at = 0
  /** Seconds at an offer; the last draw. */
  const charge = (offer: Offer, forS: number) => {
    let draw = it.charge(offer, instant(at), 0)
    for (let s = 0; s < forS; s++) {
      at += 1000
      draw = it.charge(offer, instant(at), 1)
    }
    return draw
  }
  return { it, charge }
}

describe('a vehicle', () => {
  it('acts on a limit one to three seconds later', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { charge } = vehicle({}, seed)
      expect(charge(ac(32), 0).powerW).toBe(0)
      expect(charge(ac(32), 3).currentA[0]).toBeGreaterThan(30)
      expect(charge(ac(10), 0).currentA[0]).toBeGreaterThan(30)
      expect(charge(ac(10), 3).currentA[0]).toBeLessThanOrEqual(10)
    }
  })

  it('acts on a limit that changes every second all the same', () => {
    const { charge } = vehicle()
    charge(ac(32), 5)
    for (const limit of [20, 19, 18, 17]) charge(ac(limit), 1)
    expect(charge(ac(16), 0).currentA[0]).toBeLessThanOrEqual(20)
  })

  it('never draws more than it is offered, and little less', () => {
    const { charge } = vehicle()
    charge(ac(16), 5)
    for (let i = 0; i < 200; i++) {
      const [current] = charge(ac(16), 1).currentA
      expect(current).toBeLessThanOrEqual(16)
      expect(current).toBeGreaterThan(15.7)
    }
  })

  it('begins from nothing after a pause, whatever it drew before', () => {
    const { charge } = vehicle()
    charge(ac(32), 5)
    charge(ac(0), 10)
    for (let s = 0; s < 5; s++) expect(charge(ac(10), 1).currentA[0]).toBeLessThanOrEqual(10)
  })

  it('pauses below its minimum current and charges at it', () => {
    const { charge } = vehicle({ minimumA: 8 })
    expect(charge(ac(7.9), 5).powerW).toBe(0)
    expect(charge(ac(8), 5).powerW).toBeGreaterThan(0)
  })

  it('with a one-phase charger loads L1 alone', () => {
    const { charge } = vehicle({ phases: 1, maxAcW: 7360 })
    const draw = charge(ac(32), 5)
    expect(draw.currentA[0]).toBeGreaterThan(31)
    expect(draw.currentA.slice(1)).toEqual([0, 0])
  })

  it('stays within its onboard charger', () => {
    expect(vehicle({ maxAcW: 11_040 }).charge(ac(32), 5).currentA[0]).toBeCloseTo(16, 0)
  })

  it('takes DC at full power in the middle and tapers towards the end', () => {
    const powerAt = (socPct: number) => vehicle({ socPct }).charge(dc(150_000), 5).powerW
    expect(powerAt(50)).toBeGreaterThan(98_000)
    const end = [76, 82, 88, 94, 98].map(powerAt)
    expect(end).toEqual(end.toSorted((a, b) => b - a))
    expect(end.at(-1)).toBeLessThan(20_000)
  })

  it('tapers on AC only when nearly full', () => {
    const currentAt = (socPct: number) => vehicle({ socPct }).charge(ac(32), 5).currentA[0]
    expect(currentAt(90)).toBeGreaterThan(31)
    expect(currentAt(98)).toBeLessThan(22)
  })

  it('gains what it draws, less the losses, and stops at its target', () => {
    const { it: bus, charge } = vehicle({ targetPct: 60 })
    charge(dc(50_000), 360)
    expect(bus.socPct).toBeCloseTo(50 + (100 * 0.98 * 50 * 0.994 * 358) / 360_000, 1)
    charge(dc(50_000), 1000)
    expect(bus.full).toBe(true)
    expect(bus.socPct).toBe(60)
    expect(charge(dc(50_000), 5).powerW).toBe(0)
  })
})
