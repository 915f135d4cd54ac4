import { type PerPhase, PHASES, sumPhases } from '@busbar/units/per-phase.ts'
import { instant } from '@busbar/units/time.ts'
import { describe, expect, it } from 'vitest'
import { Outlet } from '../station/outlet.ts'
import { Plant, type StationLoad } from './plant.ts'

const NOTHING: PerPhase<number> = { l1: 0, l2: 0, l3: 0 }
const load = (rotation: StationLoad['rotation'], ...currentA: [number, number, number]): StationLoad => ({
  currentA,
  powerFactor: 1,
  rotation,
})

describe('the plant', () => {
  it('adds currents on the conductor that each station phase hangs on', () => {
    const loads = [
      load(['l1', 'l2', 'l3'], 10, 0, 0),
      load(['l2', 'l3', 'l1'], 16, 0, 0),
      load(['l3', 'l1', 'l2'], 1, 2, 4),
    ]
    const current = new Plant(0).currentA(loads, NOTHING)
    expect(current.l1).toBeCloseTo(10 + 2, 6)
    expect(current.l2).toBeCloseTo(16 + 4, 6)
    expect(current.l3).toBeCloseTo(1, 6)
  })

  it('shows on the meter the power that building and stations take', () => {
    const building = { l1: 2300, l2: 4600, l3: 6900 }
    const { currentA, voltageV, powerFactor } = new Plant(0).picture(
      [load(['l1', 'l2', 'l3'], 10, 10, 10)],
      building,
    )
    const shown = PHASES.reduce((sum, phase) => sum + currentA[phase] * voltageV[phase] * powerFactor, 0)
    expect(shown).toBeCloseTo(13_800 + 6900, 3)
  })

  it('turns its register by the energy that flowed', () => {
    const plant = new Plant(1000)
    for (let s = 0; s < 3600; s++) plant.step([], { l1: 1000, l2: 1000, l3: 1000 }, 1)
    expect(plant.picture([], NOTHING).importWh).toBeCloseTo(4000, -1)
    expect(plant.picture([], NOTHING).exportWh).toBe(0)
  })

  it('counts export apart, with negative current', () => {
    const plant = new Plant(1000)
    for (let s = 0; s < 3600; s++) plant.step([], { l1: -1000, l2: 0, l3: 0 }, 1)
    const picture = plant.picture([], { l1: -1000, l2: 0, l3: 0 })
    expect(picture.exportWh).toBeCloseTo(1000, -1)
    expect(picture.importWh).toBe(1000)
    expect(picture.currentA.l1).toBeLessThan(0)
  })

  it('lets the voltage sag where the current flows', () => {
    const plant = new Plant(0)
    plant.step([load(['l2', 'l3', 'l1'], 400, 0, 0)], NOTHING, 1)
    expect(plant.voltageV.l2).toBeLessThan(229)
    expect(plant.voltageV.l1).toBe(230)
  })

  it('takes more from the grid than a DC station puts out', () => {
    const outlet = new Outlet({ kind: 'dc', value: 150_000, phases: 3 }, 0)
    const vehicle = {
      id: 'B-1',
      idToken: 'T',
      socPct: 50,
      full: false,
      charge: () => ({ currentA: [0, 0, 0] as const, powerW: 94_000 }),
    }
    outlet.step(vehicle, 150_000, { at: instant(0), dtS: 1, voltageV: [230, 230, 230] })
    const { currentA } = outlet.read(vehicle)
    const picture = new Plant(0).picture(
      [{ currentA, powerFactor: outlet.powerFactor, rotation: ['l1', 'l2', 'l3'] }],
      NOTHING,
    )
    const apparent = sumPhases(picture.currentA) * 230
    expect(apparent * picture.powerFactor).toBeCloseTo(100_000, 0)
    expect(picture.powerFactor).toBeCloseTo(0.98, 6)
  })
})
