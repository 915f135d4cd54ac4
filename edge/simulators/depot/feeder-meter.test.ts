import { PHASES, perPhase, sumPhases } from '@busbar/units/per-phase.ts'
import { expect, test } from 'vitest'
import { phasePowerW } from '../meter/meter-picture.ts'
import { FeederMeter } from './feeder-meter.ts'
import { Plant, type StationLoad } from './plant.ts'

const LOADS: readonly StationLoad[] = [
  { currentA: [16, 16, 16], powerFactor: 0.98, rotation: ['l1', 'l2', 'l3'] },
  { currentA: [32, 0, 0], powerFactor: 1, rotation: ['l2', 'l3', 'l1'] },
  { currentA: [120, 120, 120], powerFactor: 0.99, rotation: ['l1', 'l2', 'l3'] },
]
const NOBODY = perPhase(() => 0)
const VOLTAGE = { l1: 229, l2: 228, l3: 230 }

test('each phase shows the sum of what its stations draw', () => {
  const { currentA, voltageV } = new FeederMeter(0).picture(LOADS.slice(1, 2), VOLTAGE, 50)
  expect(currentA).toEqual({ l1: 0, l2: 32, l3: 0 })
  expect(voltageV).toEqual(VOLTAGE)
  const whole = new FeederMeter(0).picture(LOADS, VOLTAGE, 50)
  for (const phase of PHASES) expect(whole.currentA[phase]).toBeCloseTo(phase === 'l2' ? 168 : 136, 0)
})

test('the powers of two feeders add up to that of the site, phase by phase', () => {
  const plant = new Plant(0)
  const site = plant.picture(LOADS, NOBODY)
  const parts = [LOADS.slice(0, 1), LOADS.slice(1)].map((loads) =>
    phasePowerW(new FeederMeter(0).picture(loads, plant.voltageV, 50)),
  )
  const sum = parts.reduce((all, part) => all + sumPhases(part), 0)
  expect(sum).toBeCloseTo(sumPhases(phasePowerW(site)), 6)
})

test('its register turns by the energy that flowed', () => {
  const meter = new FeederMeter(5_000_000)
  for (let second = 0; second < 3600; second += 1) meter.step(LOADS.slice(1, 2), VOLTAGE, 1)
  expect(Math.abs(meter.picture([], VOLTAGE, 50).importWh - 5_000_000 - 32 * 228)).toBeLessThanOrEqual(1)
})
