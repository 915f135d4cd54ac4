import { as, type IdToken, type VehicleId } from '@busbar/model/ids.ts'
import { describe, expect, test } from 'vitest'
import { authorize } from './authorize.ts'

const tokens = {
  byToken: new Map([[as<IdToken>('TAG-7'), as<VehicleId>('bus-7')]]),
  people: new Set([as<IdToken>('DRIVER')]),
}

describe('a token', () => {
  test.each([
    ["a vehicle's is accepted for that vehicle", 'TAG-7', { status: 'Accepted', vehicle: 'bus-7' }],
    ["a person's is accepted without a vehicle", 'DRIVER', { status: 'Accepted', vehicle: null }],
    ['one that nobody has is refused', 'STRANGER', { status: 'Unknown', vehicle: null }],
    ['an empty one is refused', '', { status: 'Unknown', vehicle: null }],
  ])('%s', (_sentence, token, decision) => {
    expect(authorize(tokens, as<IdToken>(token))).toEqual(decision)
  })
})
