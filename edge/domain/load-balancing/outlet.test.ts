import { amps, volts } from '@busbar/units/electricity.ts'
import { expect, test } from 'vitest'
import { exampleEvse } from '../site/example-site.ts'
import type { Evse } from '../site/site.ts'
import { outletLevel } from './outlet.ts'

const outlet: Evse = { ...exampleEvse('D', 'grid', { dcW: 150_000 }), cableA: amps(200) }

test.each<[string, Evse, number | null, number]>([
  ['a battery of 400 V takes what 200 A carry', outlet, 400, 80_000],
  ['one of 800 V the rating', outlet, 800, 150_000],
  ['one of unknown voltage the rating', outlet, null, 150_000],
  ['a cable of unknown current the rating', exampleEvse('D', 'grid', { dcW: 150_000 }), 400, 150_000],
  ['an AC EVSE its rating in A', { ...exampleEvse('A', 'grid'), cableA: amps(20) }, 400, 32_000],
])('%s', (_sentence, evse, volt, level) => {
  expect(outletLevel(evse, volt === null ? undefined : { batteryV: volts(volt) })).toBe(level)
})
