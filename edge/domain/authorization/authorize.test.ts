import { as, type IdToken, type VehicleId } from '@busbar/model/ids.ts'
import { instant } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { authorize, sameHolder, type TokenScene } from './authorize.ts'
import { type IdTokenRecord, tokenKey } from './id-token.ts'

const token = (text: string) => as<IdToken>(text)
const NOW = instant(1_000_000)
const entry = (idToken: string, of: Partial<IdTokenRecord> = {}): IdTokenRecord => ({
  idToken: token(idToken),
  status: 'Accepted',
  group: null,
  expiresAt: null,
  vehicle: null,
  oneAtATime: false,
  by: 'test',
  setAt: instant(0),
  ...of,
})
const scene = (entries: readonly IdTokenRecord[] = [], charging: readonly string[] = []): TokenScene => ({
  configured: {
    byToken: new Map([[token('TAG-7'), as<VehicleId>('bus-7')]]),
    people: new Set([token('DRIVER')]),
  },
  entered: new Map(entries.map((record) => [tokenKey(record.idToken), record])),
  now: NOW,
  charging: (idToken) => charging.includes(idToken),
})

describe('a configured token', () => {
  test.each([
    ["a vehicle's is accepted for that vehicle", 'TAG-7', { status: 'Accepted', vehicle: 'bus-7' }],
    ['its case does not matter', 'tag-7', { status: 'Accepted', vehicle: 'bus-7' }],
    ["a person's is accepted without a vehicle", 'DRIVER', { status: 'Accepted', vehicle: null }],
    ['nor does the case of that', 'driver', { status: 'Accepted', vehicle: null }],
    ['one that nobody has is refused', 'STRANGER', { status: 'Unknown', vehicle: null }],
    ['an empty one is refused', '', { status: 'Unknown', vehicle: null }],
  ])('%s', (_sentence, text, decision) => {
    expect(authorize(scene(), token(text))).toEqual({ ...decision, group: null, expiresAt: null })
  })
})

describe('a token that was entered', () => {
  test.each<[string, Partial<IdTokenRecord>, readonly string[], string]>([
    ['is accepted', {}, [], 'Accepted'],
    ['TC_023_3: is blocked', { status: 'Blocked' }, [], 'Blocked'],
    ['TC_023_1: is invalid', { status: 'Invalid' }, [], 'Invalid'],
    ['TC_023_2: has expired', { expiresAt: NOW }, [], 'Expired'],
    ['has not expired yet', { expiresAt: instant(NOW + 1) }, [], 'Accepted'],
    ['is blocked and has expired', { status: 'Blocked', expiresAt: instant(1) }, [], 'Blocked'],
    ['charges already', {}, ['T'], 'Accepted'],
    ['charges already and may only once', { oneAtATime: true }, ['T'], 'ConcurrentTx'],
    ['may only once and charges nowhere', { oneAtATime: true }, [], 'Accepted'],
  ])('%s', (_sentence, of, charging, status) => {
    expect(authorize(scene([entry('T', of)], charging), token('T')).status).toBe(status)
  })

  test('counts before what the configuration says', () => {
    expect(authorize(scene([entry('TAG-7', { status: 'Blocked' })]), token('tag-7')).status).toBe('Blocked')
  })

  test('tells its vehicle, its group and when it expires', () => {
    const of = { vehicle: as<VehicleId>('bus-1'), group: token('G'), expiresAt: instant(NOW + 5) }
    expect(authorize(scene([entry('T', of)]), token('T'))).toEqual({ status: 'Accepted', ...of })
  })

  test('is worth no more than its group', () => {
    const member = entry('T', { group: token('G') })
    expect(authorize(scene([member, entry('G', { status: 'Blocked' })]), token('T')).status).toBe('Blocked')
    expect(authorize(scene([member, entry('G', { expiresAt: instant(1) })]), token('T')).status).toBe(
      'Expired',
    )
    const blocked = entry('T', { group: token('G'), status: 'Blocked' })
    expect(authorize(scene([blocked, entry('G')]), token('T')).status).toBe('Blocked')
  })
})

test('a transaction belongs to its token, to its group and to the head of the group', () => {
  const of = scene([entry('A', { group: token('G') }), entry('B', { group: token('g') }), entry('C')])
  const same = (one: string, other: string) => sameHolder(of, token(one), token(other))
  expect(same('A', 'a')).toBe(true)
  expect(same('A', 'B')).toBe(true)
  expect(same('A', 'G')).toBe(true)
  expect(same('G', 'B')).toBe(true)
  expect(same('A', 'C')).toBe(false)
  expect(same('C', 'X')).toBe(false)
})
