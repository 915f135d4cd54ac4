import { as, type StationId } from '@busbar/model/ids.ts'
import type { Monotonic } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { Flapping } from './flapping.ts'

const A = as<StationId>('A')
const s = (seconds: number) => (seconds * 1000) as Monotonic

describe('a station flaps', () => {
  test.each<[string, readonly number[], number, boolean]>([
    ['not after two losses in a minute', [0, 5], 6, false],
    ['after three losses in a minute', [0, 5, 60], 61, true],
    ['not after three losses further apart', [0, 30, 61], 62, false],
    ['until it has been steady for two minutes', [0, 5, 10], 129, true],
    ['no longer then', [0, 5, 10], 130, false],
    ['on while it is lost now and then', [0, 5, 10, 100, 190], 300, true],
  ])('%s', (_when, losses, at, flaps) => {
    const watch = new Flapping()
    for (const loss of losses) {
      watch.lost(A, s(loss))
      watch.flaps(A, s(loss))
    }
    expect(watch.flaps(A, s(at))).toBe(flaps)
  })
})
