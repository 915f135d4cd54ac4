import { instant } from '@busbar/units/time.ts'
import { expect, test } from 'vitest'
import { uuidV7 } from './uuid-v7.ts'

test('RFC 9562 A.6: the example of the standard', () => {
  // the example's random bits, packed without its version and variant
  const random = Uint8Array.from([0xcc, 0x30, 0x8c, 0x4d, 0xc0, 0xc0, 0xc0, 0x73, 0x98, 0xf0])
  expect(uuidV7(instant(0x017f22e279b0), random)).toBe('017f22e2-79b0-7cc3-88c4-dc0c0c07398f')
})

test('any bits give version 7 and variant 10', () => {
  for (const byte of [0x00, 0x5a, 0xff])
    expect(uuidV7(instant(0), new Uint8Array(10).fill(byte))).toMatch(
      /^00000000-0000-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    )
})
