import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { beforeEach, expect, test } from 'vitest'
import { Refusals, type Refused } from './refusals.ts'

let clock: FakeClock
let told: Refused[]
let refusals: Refusals
beforeEach(() => {
  clock = new FakeClock()
  told = []
  refusals = new Refusals(clock, (event) => told.push(event))
  refusals.start()
})

const refuse = (host: string, port: number, reason = 'unknown station') =>
  refusals.add({ reason, identity: null, remoteAddress: `${host}:${port}` })
const seen = () => told.map(({ remoteAddress, reason, count }) => `${remoteAddress} ${reason} ${count}`)

test('the first refusal of an address is told at once, those that follow as a number each minute', () => {
  for (let port = 1; port <= 1000; port++) refuse('10.0.0.1', port)
  refuse('::1', 7)
  refuse('10.0.0.1', 8, 'no common subprotocol')
  const first = [
    '10.0.0.1:1 unknown station 1',
    '::1:7 unknown station 1',
    '10.0.0.1:8 no common subprotocol 1',
  ]
  expect(seen()).toEqual(first)
  clock.advance(minutes(1))
  expect(seen()).toEqual([...first, '10.0.0.1:1000 unknown station 999'])
  clock.advance(seconds(30))
  refuse('10.0.0.1', 1001)
  expect(told).toHaveLength(4)
  clock.advance(seconds(30))
  expect(seen().at(-1)).toBe('10.0.0.1:1001 unknown station 1')
})

test('after a quiet minute a refusal is the first again', () => {
  refuse('10.0.0.1', 1)
  clock.advance(minutes(1))
  refuse('10.0.0.1', 2)
  expect(seen()).toEqual(['10.0.0.1:1 unknown station 1', '10.0.0.1:2 unknown station 1'])
})

test('a flood from many addresses is told of in bounded lines', () => {
  for (let n = 0; n < 5000; n++) refuse(`10.0.${n >> 8}.${n & 255}`, n)
  expect(told).toHaveLength(257)
  clock.advance(minutes(1))
  expect(told).toHaveLength(258)
  expect(told.at(-1)?.count).toBe(5000 - 257)
})

test('what was counted is told at the stop, and nothing afterwards', () => {
  refuse('10.0.0.1', 1)
  refuse('10.0.0.1', 2)
  refusals.stop()
  clock.advance(minutes(5))
  expect(seen()).toEqual(['10.0.0.1:1 unknown station 1', '10.0.0.1:2 unknown station 1'])
})
