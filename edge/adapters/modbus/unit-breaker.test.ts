import { milliseconds, monotonic } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import { type FailureCode, failure, type ModbusFailure } from './modbus-result.ts'
import { UnitBreaker } from './unit-breaker.ts'

const failed = (code: FailureCode, more: Partial<ModbusFailure> = {}) => ({ ...failure(code, code), ...more })
const at = (ms: number) => monotonic(ms)

test('after three misses in a row a unit is probed every half minute, the meter of the grid connection every two seconds', () => {
  for (const [first, wait] of [
    [false, 30_000],
    [true, 2000],
  ] as const) {
    const breaker = new UnitBreaker(first)
    for (let miss = 1; miss <= 3; miss += 1) {
      expect(breaker.isOpen).toBe(false)
      breaker.note(failed('timeout'), at(0))
    }
    expect(breaker.waitFor(at(0))).toBe(wait)
    expect(breaker.waitFor(at(wait))).toBe(milliseconds(0))
    breaker.note(failed('timeout'), at(wait))
    expect(breaker.waitFor(at(wait))).toBe(wait)
    breaker.note(undefined, at(2 * wait))
    expect(breaker.isOpen).toBe(false)
  }
})

test.each<[string, ModbusFailure, boolean]>([
  ['no answer', failed('timeout'), true],
  ['a wrong frame', failed('frame'), true],
  ['a gateway that cannot reach it', failed('exception-11'), true],
  ['an exception of its own', failed('exception-2'), false],
  ['a line without room', failed('busy'), false],
  ["trap 2: another unit's late answer", failed('frame', { spoiltBy: 1 }), false],
])('%s', (_, result, opens) => {
  const breaker = new UnitBreaker(false)
  for (let time = 0; time < 3; time += 1) breaker.note(result, at(time))
  expect(breaker.isOpen).toBe(opens)
})

test('misses with an answer between them are not in a row', () => {
  const breaker = new UnitBreaker(false)
  for (let time = 0; time < 9; time += 1)
    breaker.note(time % 3 === 2 ? undefined : failed('timeout'), at(time))
  expect(breaker.isOpen).toBe(false)
})
