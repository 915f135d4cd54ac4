import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { OpenAPIHono } from '@hono/zod-openapi'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Input, Submit } from '../../domain/inputs.ts'
import type { Caller } from './access.ts'
import { addAuthorization } from './authorization-routes.ts'
import { addOcpp } from './ocpp-routes.ts'
import { badRequest } from './problem.ts'
import { roleFor } from './roles.ts'

const inputs: Input[] = []
let outcome: unknown
const submit: Submit = (input) => {
  inputs.push(input as unknown as Input)
  return { outcome: outcome as never, durable: Promise.resolve() }
}
const app = new OpenAPIHono<Caller>({
  defaultHook: (result, c) => (result.success ? undefined : badRequest(c, result.error)),
})
app.use(async (c, next) => {
  c.set('actor', 'ann')
  return next()
})
const api = { submit, clock: new FakeClock(Date.parse('2026-12-01T12:00:00Z')), stations: new Set(['A-01']) }
addOcpp(app, { ...api, waiting: () => [] })
const nothing = { version: 0, sure: false, id_tokens: [], answer: null, reason: null }
addAuthorization(app, {
  ...api,
  authorization: {
    tokens: () => [],
    reservations: () => [],
    localList: (station) => ({ station, ...nothing }),
  },
})

beforeEach(() => {
  inputs.splice(0)
  outcome = undefined
})
const call = async (method: string, path: string, body?: unknown) => {
  const answer = await app.request(`/api/v1${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
}

describe('a raw OCPP request', () => {
  const ask = (result: object) => {
    outcome = Promise.resolve({ command: '1', ...result })
    return call('POST', '/stations/A-01/ocpp/Reset', { type: 'Soft' })
  }

  test("gives the station's own answer, under the name of who asked", async () => {
    expect(await ask({ status: 'answered', response: { status: 'Accepted' } })).toEqual({
      status: 200,
      body: { result: { status: 'Accepted' } },
    })
    expect(inputs).toEqual([
      { type: 'ocpp-request', station: 'A-01', action: 'Reset', payload: { type: 'Soft' }, by: 'ann' },
    ])
  })

  test("gives the station's own error", async () => {
    const error = { code: 'NotSupported', description: 'no' }
    expect(await ask({ status: 'error', reason: 'NotSupported', error })).toEqual({
      status: 200,
      body: { error },
    })
  })

  test.each([
    ['refused', 400],
    ['limits', 409],
    ['not-sent', 503],
    ['unanswered', 504],
  ])('that is %s is a problem: %d', async (status, code) => {
    expect(await ask({ status, reason: 'why' })).toMatchObject({
      status: code,
      body: { status: code, detail: 'why' },
    })
  })

  test('needs a station that is known, and an object', async () => {
    expect((await call('POST', '/stations/B/ocpp/Reset', {})).status).toBe(404)
    expect((await call('POST', '/stations/A-01/ocpp/Reset', [])).status).toBe(400)
    expect(inputs).toEqual([])
  })

  test('needs an engineer', () => {
    expect(roleFor('POST', '/api/v1/stations/A-01/ocpp/Reset')).toBe('engineer')
  })
})

describe('tokens', () => {
  test('are entered with what is given, and nothing else', async () => {
    outcome = { accepted: ['T'] }
    const given = { id_token: ' T ', group: 'G', expires_at: '2026-12-02T00:00:00+01:00', status: 'Blocked' }
    expect(await call('POST', '/id-tokens', { id_tokens: [given] })).toEqual({
      status: 200,
      body: { accepted: ['T'] },
    })
    expect(inputs).toEqual([
      {
        type: 'id-tokens-set',
        by: 'ann',
        tokens: [
          {
            idToken: 'T',
            status: 'Blocked',
            group: 'G',
            expiresAt: Date.parse('2026-12-01T23:00:00Z'),
            vehicle: null,
            oneAtATime: false,
          },
        ],
      },
    ])
  })

  test.each([
    [{}],
    [{ id_tokens: [] }],
    [{ id_tokens: [{ id_token: '' }] }],
    [{ id_tokens: [{ id_token: 'x'.repeat(37) }] }],
    [{ id_tokens: [{ id_token: 'T', status: 'Perhaps' }] }],
    [{ id_tokens: [{ id_token: 'T', expires_at: 'soon' }] }],
    [{ id_tokens: [{ id_token: 'T', unheardOf: 1 }] }],
  ])('%j is no token', async (body) => {
    expect((await call('POST', '/id-tokens', body)).status).toBe(400)
    expect(inputs).toEqual([])
  })

  test('are removed, when they were entered', async () => {
    outcome = { found: true }
    expect(await call('DELETE', '/id-tokens/T')).toEqual({ status: 204, body: null })
    outcome = { found: false }
    expect((await call('DELETE', '/id-tokens/T')).status).toBe(404)
  })
})

describe('reservations', () => {
  const wanted = { station: 'A-01', evse: 1, id_token: 'T', expires_at: '2026-12-01T13:00:00Z' }

  test('are asked for, and answered with what the station says', async () => {
    outcome = Promise.resolve({ reservation: 1, status: 'rejected', reason: 'Occupied' })
    const answer = { reservation: 1, status: 'rejected', reason: 'Occupied' }
    expect(await call('POST', '/reservations', wanted)).toEqual({ status: 200, body: answer })
    expect(inputs).toMatchObject([{ type: 'reservation-wanted', station: 'A-01', evse: 1, by: 'ann' }])
  })

  test('have to lie in the future, at a station that is known', async () => {
    expect(
      (await call('POST', '/reservations', { ...wanted, expires_at: '2026-12-01T12:00:00Z' })).status,
    ).toBe(400)
    expect((await call('POST', '/reservations', { ...wanted, station: 'B' })).status).toBe(404)
    expect(inputs).toEqual([])
  })

  test('are cancelled, when there is one', async () => {
    outcome = Promise.resolve({ reservation: 1, status: 'accepted', reason: null })
    expect((await call('DELETE', '/reservations/1')).status).toBe(200)
    outcome = null
    expect((await call('DELETE', '/reservations/2')).status).toBe(404)
    expect((await call('DELETE', '/reservations/x')).status).toBe(400)
  })
})

test('a local list is brought up to date, and shown', async () => {
  outcome = Promise.resolve({ status: 'accepted', version: 1, update: 'Full', sent: 3, reason: null })
  expect(await call('POST', '/stations/A-01/local-list')).toMatchObject({
    status: 200,
    body: { update: 'Full', sent: 3 },
  })
  expect(await call('GET', '/stations/A-01/local-list')).toEqual({
    status: 200,
    body: { station: 'A-01', ...nothing },
  })
  expect((await call('POST', '/stations/B/local-list')).status).toBe(404)
})

test('a waiting command is withdrawn, when it waits', async () => {
  outcome = { found: true }
  expect((await call('DELETE', '/commands/c-1')).status).toBe(204)
  outcome = { found: false }
  expect((await call('DELETE', '/commands/c-1')).status).toBe(404)
  expect(await call('GET', '/commands')).toMatchObject({ status: 200, body: { commands: [] } })
})
