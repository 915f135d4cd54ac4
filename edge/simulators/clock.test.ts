import { instant, milliseconds } from '@busbar/units/time.ts'
import { expect, it } from 'vitest'
import { SimulatorClock } from './clock.ts'

it('runs at its scale from its origin', async () => {
  const anchor = Date.now()
  const clock = new SimulatorClock({ anchor: instant(anchor), origin: instant(5_000_000), scale: 100 })
  const began = clock.monotonic()
  await new Promise<void>((resolve) => clock.timer(milliseconds(1000), resolve))
  expect(clock.monotonic() - began).toBeGreaterThanOrEqual(900)
  const real = Date.now()
  const [low, high] = [5_000_000 + (real - anchor - 1) * 100, 5_000_000 + (Date.now() - anchor + 5) * 100]
  expect(clock.now()).toBeGreaterThanOrEqual(low)
  expect(clock.now()).toBeLessThanOrEqual(high)
})

it('a cancelled timer never runs, and cancelling it again is harmless', async () => {
  const clock = new SimulatorClock()
  let ran = false
  const timer = clock.timer(milliseconds(1), () => {
    ran = true
  })
  timer.cancel()
  timer.cancel()
  await new Promise<void>((resolve) => clock.timer(milliseconds(5), resolve))
  expect(ran).toBe(false)
})
