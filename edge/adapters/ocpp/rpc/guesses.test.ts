import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { beforeEach, expect, test } from 'vitest'
import { Guesses } from './guesses.ts'

let clock: FakeClock
let guesses: Guesses
beforeEach(() => {
  clock = new FakeClock()
  guesses = new Guesses(clock)
})
const fail = (times: number, address = '10.0.0.9', identity = 'CP1') => {
  for (let n = 0; n < times; n++) guesses.failed(address, identity)
}

test('S02: after ten wrong credentials an address waits, twice as long after each further one, up to a minute', () => {
  fail(9)
  expect(guesses.barred('10.0.0.9', 'CP1')).toBe(false)
  for (const pause of [1, 2, 4, 8, 16, 32, 60, 60]) {
    fail(1)
    clock.advance(seconds(pause - 0.5))
    expect(guesses.barred('10.0.0.9', 'CP1')).toBe(true)
    clock.advance(seconds(0.5))
    expect(guesses.barred('10.0.0.9', 'CP1')).toBe(false)
  }
})

test('S02: neither the station at its own address nor another one behind the same address is kept out', () => {
  fail(20)
  expect(guesses.barred('10.0.0.10', 'CP1')).toBe(false)
  expect(guesses.barred('10.0.0.9', 'CP2')).toBe(false)
})

test('right credentials wipe the slate', () => {
  fail(10)
  guesses.passed('10.0.0.9', 'CP1')
  fail(9)
  expect(guesses.barred('10.0.0.9', 'CP1')).toBe(false)
})

test('S05: ten thousand identities leave no more than a bounded memory', () => {
  fail(10)
  for (let n = 0; n < 10_000; n++) guesses.failed('10.0.0.9', `X${n}`)
  expect(guesses.barred('10.0.0.9', 'CP1')).toBe(false)
})
