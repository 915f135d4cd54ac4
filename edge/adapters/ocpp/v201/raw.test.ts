import { describe, expect, test } from 'vitest'
import { minimalOf, violationsOf } from '../testing/violations.ts'
import { V201 } from './dialect.ts'
import { INBOUND } from './inbound-actions.ts'
import { encode } from './ocpp201.ts'
import { V21_SPEECH, V201_SPEECH } from './testing/request-row.ts'
import { maximalOf, requestSchema } from './testing/schemas.ts'

const OUTBOUND = V201.actions.filter((action) => action === 'DataTransfer' || !INBOUND.has(action))

test('OCPP 2.0.1 has 64 messages, 25 of a station and 40 of a CSMS, one of them both', () => {
  expect(V201.actions).toHaveLength(64)
  expect(INBOUND.size).toBe(25)
  expect(OUTBOUND).toHaveLength(40)
})

describe.each(OUTBOUND)('%s, raw', (action) => {
  const schema = requestSchema(action)
  const maximal = maximalOf(schema, '2026-12-01T12:00:00Z')
  const raw = (payload: unknown) =>
    encode({ kind: 'raw', action, payload: payload as Record<string, unknown> }, V201_SPEECH)

  test.each([
    ['everything in it', maximal],
    ['only what is required', minimalOf(schema, maximal)],
  ])('leaves as it is with %s, and its answer comes back as it is', (_what, payload) => {
    const encoded = raw(payload)
    if ('refused' in encoded) return expect.fail(encoded.refused)
    expect(encoded).toMatchObject({ action, payload })
    expect(encoded.readAnswer({ status: 'Accepted', x: 1 })).toMatchObject({
      status: 'accepted',
      response: { status: 'Accepted', x: 1 },
    })
    expect(encoded.readAnswer({ status: 'Rejected' })).toMatchObject({ status: 'rejected' })
  })

  const violations = violationsOf(schema, maximal).filter(
    // Vendors' data is any JSON.
    ({ name }) => action !== 'DataTransfer' || !name.startsWith('data '),
  )
  if (violations.length > 0)
    test.each(violations)('S15: $name never leaves', ({ payload }) => {
      expect(raw(payload)).toEqual({ refused: expect.any(String) })
    })
})

test('what OCPP 2.1 adds can be said raw there', () => {
  const payload = { chargingProfileId: 32, scheduleUpdate: { limit: 10 } }
  expect(encode({ kind: 'raw', action: 'UpdateDynamicSchedule', payload }, V21_SPEECH)).toMatchObject({
    payload,
  })
})
