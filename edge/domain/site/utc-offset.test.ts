import { fromIso } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import { utcOffsets } from './utc-offset.ts'

const hoursIn = (zone: string, at: string) => utcOffsets(zone)(fromIso(at)) / 3_600_000

test('local time less UTC follows the zone through its changes', () => {
  expect(hoursIn('UTC', '2026-01-01T00:00:00Z')).toBe(0)
  expect(hoursIn('Asia/Kathmandu', '2026-01-01T00:00:00Z')).toBe(5.75)
  expect(hoursIn('America/St_Johns', '2026-01-01T00:00:00Z')).toBe(-3.5)
  const berlin = utcOffsets('Europe/Berlin')
  const around = ['2026-10-25T00:59:59Z', '2026-10-25T01:00:00Z', '2026-10-25T00:59:59Z']
  expect(around.map((at) => berlin(fromIso(at)) / 3_600_000)).toEqual([2, 1, 2])
})
