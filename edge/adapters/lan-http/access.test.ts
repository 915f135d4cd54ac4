import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROLES, roleFor } from './roles.ts'
import { type LanDouble, startLan, TOKENS } from './testing/lan-double.ts'
import { PlainHttp } from './testing/plain-http.ts'
import { problemOf } from './testing/problem-of.ts'

let lan: LanDouble
const clock = new FakeClock()
beforeEach(async () => {
  lan = await startLan(clock)
})
afterEach(() => lan.stop())

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${lan.url}${path}`, { headers })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const DEPARTURES = JSON.stringify({
  departures: [{ vehicle: 'bus-1', departure_at: '2026-11-22T05:00:00+01:00' }],
})
const put = (headers: Record<string, string>) =>
  fetch(`${lan.url}/api/v1/departures`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body: DEPARTURES,
  })

describe('access', () => {
  const basic = (token: string) => ({
    authorization: `Basic ${Buffer.from(`anyone:${token}`).toString('base64')}`,
  })

  test.each<[string, Record<string, string>]>([
    ['no token', {}],
    ['a wrong token', bearer('unknown-token-0123456789')],
    ['half a token', bearer(TOKENS.operator.slice(0, 8))],
    ['another scheme', { authorization: TOKENS.operator }],
    ['Basic without a colon', { authorization: `Basic ${Buffer.from(TOKENS.operator).toString('base64')}` }],
  ])('a change with %s is a 401 that says how', async (_, headers) => {
    const answer = await put(headers)
    expect(answer.headers.get('www-authenticate')).toContain('Bearer realm="busbar"')
    expect((await problemOf(answer)).status).toBe(401)
    expect(lan.inputs).toEqual([])
  })

  test('a viewer may not change anything, an operator may, by either scheme', async () => {
    expect((await problemOf(await put(bearer(TOKENS.viewer)))).status).toBe(403)
    for (const scheme of [bearer, basic]) expect((await put(scheme(TOKENS.operator))).status).toBe(200)
    const changed = { type: 'departures-set', by: 'the operator' }
    expect(lan.inputs).toMatchObject([{ type: 'access-refused', by: 'the viewer' }, changed, changed])
  })

  test.each([
    ['viewer', 'POST', '/api/v1/stations/A-01/commands', { kind: 'reset', mode: 'Immediate' }],
    ['viewer', 'POST', '/api/v1/stations/A-01/commands', { kind: 'unlock-connector', evse: 1 }],
    ['operator', 'POST', '/api/v1/stations/A-01/commands', { kind: 'change-password' }],
    ['operator', 'POST', '/api/v1/stations/A-01/ocpp/SetChargingProfile', {}],
    ['operator', 'PUT', '/api/v1/circuits/grid/operating-limit', { limit_a: 10 }],
  ] as const)(
    'S26: a %s may not %s %s, and that he tried is on record once',
    async (role, method, path, body) => {
      for (let n = 0; n < 3; n++) {
        const answer = await fetch(`${lan.url}${path}`, {
          method,
          headers: { 'content-type': 'application/json', ...bearer(TOKENS[role]) },
          body: JSON.stringify(body),
        })
        expect((await problemOf(answer)).status).toBe(403)
      }
      expect(lan.inputs).toEqual([
        {
          type: 'access-refused',
          by: `the ${role}`,
          role,
          needed: expect.any(String),
          request: expect.any(String),
        },
      ])
    },
  )

  test.each(['http://evil.example', 'null', 'http://127.0.0.1:1'])(
    'a change from a page of %s is a 403',
    async (origin) => {
      expect((await problemOf(await put({ ...bearer(TOKENS.operator), origin }))).status).toBe(403)
      expect(lan.inputs).toEqual([])
    },
  )

  test('a change from our own page is taken', async () => {
    expect((await put({ ...bearer(TOKENS.operator), origin: lan.url })).status).toBe(200)
  })

  test('where writes are open anyone changes, but a wrong token or a foreign page still does not', async () => {
    await lan.stop()
    lan = await startLan(clock, { open: true })
    expect((await put({})).status).toBe(200)
    expect(lan.inputs).toMatchObject([{ by: 'anonymous' }])
    expect((await put(bearer('unknown-token-0123456789'))).status).toBe(401)
    expect((await put({ origin: 'http://evil.example' })).status).toBe(403)
  })

  test('where other machines reach it, all but the health needs a token', async () => {
    await lan.stop()
    lan = await startLan(clock, { local: false })
    for (const path of [
      '/',
      '/assets/app.js',
      '/metrics',
      '/api/v1/site',
      '/api/v1/live',
      '/api/v1/openapi.json',
      '/api/v1/none',
    ])
      expect([path, (await get(path)).status]).toEqual([path, 401])
    expect((await get('/health')).status).toBe(200)
    expect((await get('/api/v1/site', bearer(TOKENS.viewer))).status).toBe(200)
    expect((await get('/', basic(TOKENS.viewer))).status).toBe(200)
  })

  test.each([
    ['127.0.0.1:8080', 200],
    ['[::1]:8080', 200],
    ['localhost', 200],
    ['depot.lan:8080', 200],
    ['DEPOT.lan.', 200],
    ['evil.example', 421],
    ['evil.example:8080', 421],
    ['depot.lan.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
  ])('a request for the host %s is a %i', async (host, status) => {
    for (const path of ['/api/v1/site', '/', '/health']) {
      const plain = await PlainHttp.to(lan.url)
      const answer = await plain.ask(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      expect([path, answer.status]).toEqual([path, status])
    }
  })

  test('a page whose name was bent to this address changes nothing, though its origin and host agree', async () => {
    await lan.stop()
    lan = await startLan(clock, { open: true })
    const plain = await PlainHttp.to(lan.url)
    const head = `PUT /api/v1/departures HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nContent-Type: application/json\r\nContent-Length: ${DEPARTURES.length}\r\nConnection: close\r\n\r\n`
    expect((await plain.ask(head + DEPARTURES)).status).toBe(421)
    expect(lan.inputs).toEqual([])
  })

  test('a request without a host is refused', async () => {
    const plain = await PlainHttp.to(lan.url)
    expect((await plain.ask('GET /api/v1/site HTTP/1.0\r\n\r\n')).status).toBeGreaterThanOrEqual(400)
  })
})

describe('the document', () => {
  test('is OpenAPI, lists the stream, health and metrics, and no route without a row of roles', async () => {
    const document: unknown = await (await get('/api/v1/openapi.json')).json()
    expect(document).toMatchObject({
      openapi: '3.1.0',
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    })
    const { paths } = document as { paths: Record<string, Record<string, unknown>> }
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    const known = ROLES.map(({ method, path }) => `${method} ${path}`)
    expect(listed.filter((route) => !known.includes(route))).toEqual([])
    expect(listed).toEqual(expect.arrayContaining(['get /api/v1/live', 'get /health', 'get /metrics']))
  })

  test('tells of each route the role it needs and the refusals before its own', async () => {
    const { paths } = (await (await get('/api/v1/openapi.json')).json()) as {
      paths: Record<string, Record<string, Operation>>
    }
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
    const documents = (status: string) => (operation: Operation) => operation.responses[status]?.content
    const takes = operations.filter(({ requestBody, parameters }) => requestBody || parameters?.length)
    expect(takes.length).toBeGreaterThan(20)
    expect(takes.filter((one) => !documents('400')(one))).toEqual([])
    const guarded = operations.filter(({ security }) => security === undefined)
    expect(guarded.filter((one) => !(documents('401')(one) && documents('403')(one)))).toEqual([])
    expect(paths['/health']?.get).toMatchObject({ security: [], description: 'Needs no token.' })
    expect(paths['/api/v1/circuits/{circuit}/operating-limit']?.put?.description).toContain('manager')
  })

  test('what stands in no row needs a manager', () => {
    expect(roleFor('DELETE', '/api/v1/departures')).toBe('manager')
    expect(roleFor('POST', '/health')).toBe('manager')
    expect(roleFor('HEAD', '/api/v1/site')).toBe('viewer')
  })
})

interface Operation {
  readonly description?: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly unknown[]
  readonly requestBody?: unknown
  readonly responses: Readonly<Record<string, { readonly content?: unknown }>>
}
