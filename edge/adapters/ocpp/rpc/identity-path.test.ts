import { expect, test } from 'vitest'
import { identityFromPath } from './identity-path.ts'

test('slashes around the path and an identity given twice do no harm', () => {
  expect(identityFromPath('//ocpp/CP1/')).toBe('CP1')
  expect(identityFromPath('/webServices/ocpp/CP1/CP1//?x=1')).toBe('CP1')
  expect(identityFromPath('///')).toBeNull()
})

test('a path longer than any station sends is not looked at', () => {
  expect(identityFromPath(`${'/'.repeat(253)}CP1`)).toBe('CP1')
  expect(identityFromPath(`${'/'.repeat(254)}CP1`)).toBeNull()
  expect(identityFromPath(`/x${'/'.repeat(2 ** 20)}x`)).toBeNull()
})
