import { seconds } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import { TRANSPORT_LIMITS, transportLimitsAt } from './transport-limits.ts'

test('on a real clock the limits are the usual ones', () => {
  expect(transportLimitsAt(1)).toEqual(TRANSPORT_LIMITS)
})

test('on a fast clock a socket still has real time to answer', () => {
  expect(transportLimitsAt(60)).toMatchObject({
    handshake: seconds(180),
    pingInterval: seconds(300),
    probe: seconds(60),
  })
})
