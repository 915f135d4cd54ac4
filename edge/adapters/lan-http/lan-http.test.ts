import { DeparturesAnswer } from '@busbar/contracts/lan-api/departures.ts'
import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import { SiteView, TrendView } from '@busbar/contracts/lan-api/site-view.ts'
import { CommandAnswer } from '@busbar/contracts/lan-api/station-commands.ts'
import { TransactionsView } from '@busbar/contracts/lan-api/transactions.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import { fromIso } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROLES, roleFor } from './roles.ts'
import { createLanHttp } from './server.ts'
import { type LanDouble, startLan, TOKENS } from './testing/lan-double.ts'
import { PlainHttp } from './testing/plain-http.ts'

let lan: LanDouble
beforeEach(async () => {
  lan = await startLan()
})
afterEach(() => lan.stop())

const get = (path: string, headers?: Record<string, string>) =>
  fetch(`${lan.url}${path}`, headers ? { headers } : {})
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const send = (
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = bearer(TOKENS.operator),
) =>
  fetch(`${lan.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const DEPARTURE = { vehicle: 'bus-1', departure_at: '2026-11-22T05:00:00+01:00', soc_needed_pct: 80 }

async function problemOf(answer: Response): Promise<Problem> {
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  const problem = Problem.parse(await answer.json())
  expect(problem.status).toBe(answer.status)
  return problem
}

describe('reading', () => {
  test('the site is what the contract says', async () => {
    const view = SiteView.parse(await (await get('/api/v1/site')).json())
    expect(view.power.import_w).toBe(5000)
    expect(view.cloud).toMatchObject({ state: 'live', unsent: 0 })
  })

  test('the trend and the departures are', async () => {
    const trend = TrendView.parse(await (await get('/api/v1/site/trend')).json())
    expect(trend.points).toHaveLength(1)
    expect(await (await get('/api/v1/departures')).json()).toMatchObject({
      departures: [{ vehicle: 'bus-1' }],
    })
  })

  test('transactions of the last day, or of the window asked for', async () => {
    const view = TransactionsView.parse(await (await get('/api/v1/transactions')).json())
    expect(view.transactions).toMatchObject([{ transaction: '7', energy_wh: 1200 }])
    await get('/api/v1/transactions?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00%2B01:00&limit=5')
    const now = lan.clock.now()
    expect(lan.windows).toEqual([
      { from: now - 86_400_000, to: now, limit: 100 },
      { from: fromIso('2026-11-01T00:00:00Z'), to: fromIso('2026-11-01T23:00:00Z'), limit: 5 },
    ])
  })

  test.each(['from=yesterday', 'limit=0', 'limit=1001', 'limit=many'])(
    'a window of %s is refused by name',
    async (query) => {
      const { status, errors } = await problemOf(await get(`/api/v1/transactions?${query}`))
      expect(status).toBe(400)
      expect(errors).toMatchObject([{ at: query.split('=')[0] }])
    },
  )
})

describe('changing', () => {
  test('departures are handed on with the name of who sets them; unknown vehicles are named', async () => {
    const answer = await send('PUT', '/api/v1/departures', {
      departures: [DEPARTURE, { ...DEPARTURE, vehicle: 'bus-9' }],
    })
    expect(DeparturesAnswer.parse(await answer.json())).toEqual({ accepted: ['bus-1'], unknown: ['bus-9'] })
    expect(lan.inputs).toEqual([
      {
        type: 'departures-set',
        by: 'the operator',
        departures: [
          {
            vehicle: 'bus-1',
            departureAt: fromIso('2026-11-22T04:00:00Z'),
            energyNeededWh: null,
            socNeededPct: 80,
          },
          {
            vehicle: 'bus-9',
            departureAt: fromIso('2026-11-22T04:00:00Z'),
            energyNeededWh: null,
            socNeededPct: 80,
          },
        ],
      },
    ])
  })

  test('the answer waits until the facts are on disk', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    lan.durable = promise
    let answered = false
    const answer = send('PUT', '/api/v1/departures', { departures: [DEPARTURE] }).then((response) => {
      answered = true
      return response
    })
    while (lan.inputs.length === 0) await get('/health')
    expect(answered).toBe(false)
    resolve()
    expect((await answer).status).toBe(200)
  })

  test('a store that does not take them is a 503 that promises nothing', async () => {
    lan.durable = Promise.reject(new DepotError('store.failed', 'disk full'))
    lan.durable.catch(() => undefined)
    const { status, detail } = await problemOf(
      await send('PUT', '/api/v1/departures', { departures: [DEPARTURE] }),
    )
    expect([status, detail]).toEqual([503, 'Whether this was kept is not known yet; send it again.'])
    expect(lan.errors).toHaveLength(1)
  })

  test.each<[string, unknown, object[]]>([
    [
      'a time that is none',
      { departures: [{ ...DEPARTURE, departure_at: 'tomorrow' }] },
      [{ at: 'departures.0.departure_at' }],
    ],
    [
      'a need above full',
      { departures: [DEPARTURE, { ...DEPARTURE, soc_needed_pct: 101 }] },
      [{ at: 'departures.1.soc_needed_pct' }],
    ],
    [
      'a need told twice',
      { departures: [{ ...DEPARTURE, energy_needed_wh: 0 }] },
      [{ at: 'departures.0', expected: 'give energy_needed_wh or soc_needed_pct, not both' }],
    ],
    ['no departure', { departures: [] }, [{ at: 'departures' }]],
    ['an unknown key', { departures: [DEPARTURE], more: 1 }, [{ at: 'body' }]],
    ['a list', [], [{ at: 'body' }]],
  ])('%s is refused, naming each place', async (_, body, errors) => {
    const problem = await problemOf(await send('PUT', '/api/v1/departures', body))
    expect(problem.status).toBe(400)
    expect(problem.errors).toMatchObject(errors)
    expect(lan.inputs).toEqual([])
  })

  test('a body that is no JSON is a 400, one of another type a 415', async () => {
    expect((await problemOf(await send('PUT', '/api/v1/departures', '{"departures":['))).status).toBe(400)
    const plain = await send('PUT', '/api/v1/departures', 'departures', {
      ...bearer(TOKENS.operator),
      'content-type': 'text/plain',
    })
    expect((await problemOf(plain)).status).toBe(415)
  })

  test('a body above a mebibyte is a 413, told its length or not', async () => {
    const text = ' '.repeat(1024 * 1024 + 1)
    expect((await problemOf(await send('PUT', '/api/v1/departures', text))).status).toBe(413)
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
    const plain = await PlainHttp.to(lan.url)
    const head = `PUT /api/v1/departures HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKENS.operator}\r\nContent-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`
    expect((await plain.ask(`${head}${chunk.repeat(17)}0\r\n\r\n`)).status).toBe(413)
    expect(lan.inputs).toEqual([])
  })

  test('a command reaches its station and its answer comes back', async () => {
    const answer = await send('POST', '/api/v1/stations/A-01/commands', {
      kind: 'request-start',
      evse: 1,
      id_token: 'TAG1',
    })
    expect(CommandAnswer.parse(await answer.json())).toEqual({
      command: '1',
      status: 'accepted',
      reason: null,
    })
    const command = { kind: 'request-start', evse: 1, idToken: 'TAG1' }
    expect(lan.inputs).toEqual([{ type: 'station-command', station: 'A-01', command, by: 'the operator' }])
  })

  test('a command for nobody is a 404, one that does not exist a 400', async () => {
    expect(
      (
        await problemOf(
          await send('POST', '/api/v1/stations/A-99/commands', { kind: 'reset', mode: 'OnIdle' }),
        )
      ).status,
    ).toBe(404)
    const explode = await problemOf(await send('POST', '/api/v1/stations/A-01/commands', { kind: 'explode' }))
    expect([explode.status, explode.errors]).toMatchObject([400, [{ at: 'kind' }]])
    expect(lan.inputs).toEqual([])
  })
})

describe('access', () => {
  const put = (headers: Record<string, string>) =>
    send('PUT', '/api/v1/departures', { departures: [DEPARTURE] }, headers)
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
    expect(lan.inputs).toMatchObject([{ by: 'the operator' }, { by: 'the operator' }])
  })

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
    lan = await startLan({ open: true })
    expect((await put({})).status).toBe(200)
    expect(lan.inputs).toMatchObject([{ by: 'anonymous' }])
    expect((await put(bearer('unknown-token-0123456789'))).status).toBe(401)
    expect((await put({ origin: 'http://evil.example' })).status).toBe(403)
  })

  test('where other machines reach it, all but the health needs a token', async () => {
    await lan.stop()
    lan = await startLan({ local: false })
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
    lan = await startLan({ open: true })
    const plain = await PlainHttp.to(lan.url)
    const body = JSON.stringify({ departures: [DEPARTURE] })
    const head = `PUT /api/v1/departures HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
    expect((await plain.ask(head + body)).status).toBe(421)
    expect(lan.inputs).toEqual([])
  })

  test('a request without a host is refused', async () => {
    const plain = await PlainHttp.to(lan.url)
    expect((await plain.ask('GET /api/v1/site HTTP/1.0\r\n\r\n')).status).toBeGreaterThanOrEqual(400)
  })
})

describe('the document', () => {
  test('is OpenAPI and lists every route that the table of roles knows', async () => {
    const document: unknown = await (await get('/api/v1/openapi.json')).json()
    expect(document).toMatchObject({ openapi: '3.1.0' })
    const { paths } = document as { paths: Record<string, Record<string, unknown>> }
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    const known = ROLES.map(({ method, path }) => `${method} ${path}`)
    expect(listed.sort()).toEqual(known.filter((row) => !/openapi|\{page\}/.test(row)).sort())
  })

  test('what stands in no row needs an operator', () => {
    expect(roleFor('DELETE', '/api/v1/departures')).toBe('operator')
    expect(roleFor('POST', '/health')).toBe('operator')
    expect(roleFor('HEAD', '/api/v1/site')).toBe('viewer')
  })
})

describe('pages', () => {
  test('a file has its type and security headers; hashed ones are kept', async () => {
    const page = await get('/')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('cache-control')).toBe('no-cache')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    const script = await get('/assets/app.js')
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(script.headers.get('cache-control')).toContain('immutable')
  })

  test('a path that is no file is a page of the page, which routes itself', async () => {
    expect(await (await get('/stations/A-01')).text()).toContain('<title>Now</title>')
  })

  test.each([
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '/assets/..%2f..%2fsecret.js',
    '/..%5csecret.js',
    '/....//secret.js',
    '/%2fetc/passwd.js',
    '//secret.js',
    '/assets/app.js/more.js',
    '/%00.js',
    `/${'a'.repeat(300)}.js`,
  ])('nothing outside the pages is served for %s', async (path) => {
    const plain = await PlainHttp.to(lan.url)
    const answer = await plain.ask(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
    expect(answer.body).not.toContain('not for the LAN')
    expect(answer.status).toBe(404)
    expect(lan.errors).toEqual([])
  })

  test('an escape that is none is not a failure', async () => {
    expect((await get('/%E0%A4%A')).status).toBe(200)
  })
})

describe('the rest', () => {
  test.each([
    ['GET', '/api/v1/none'],
    ['DELETE', '/api/v1/departures'],
    ['POST', '/none'],
  ])('%s %s is a problem of its own', async (method, path) => {
    const { status, detail } = await problemOf(
      await fetch(`${lan.url}${path}`, { method, headers: bearer(TOKENS.operator) }),
    )
    expect([status, detail]).toEqual([404, `${method} ${path}`])
  })

  test('health is warn with a warning and 503 with a grave one', async () => {
    expect(await (await get('/health')).json()).toMatchObject({ status: 'pass', startup: [], warnings: [] })
    lan.warnings.push({ code: 'lan.open-writes', severity: 3, text: 'open' })
    const warned = await get('/health')
    expect([warned.status, await warned.json()]).toMatchObject([
      200,
      { status: 'warn', warnings: [{ code: 'lan.open-writes' }] },
    ])
    lan.warnings.push({ code: 'store.failed', severity: 1, text: 'disk full' })
    const failing = await get('/health')
    expect([failing.status, await failing.json()]).toMatchObject([503, { status: 'fail' }])
  })

  test('metrics are read when asked; what is not known is not a number', async () => {
    lan.show({
      power: {
        import_w: null,
        building_w: null,
        vehicles_w: null,
        limit_w: 9000,
        held_w: 0,
        headroom_w: null,
        measured_at: null,
        age_ms: null,
        quality: 'reserve',
      },
    })
    const text = await (await get('/metrics')).text()
    for (const line of [
      'busbar_site_limit_watts 9000',
      'busbar_site_import_watts Nan',
      'busbar_store_backlog_facts 3',
      'busbar_store_backlog_age_seconds 1.5',
      'busbar_decision_seconds 0.002',
    ])
      expect(text.split('\n')).toContain(line)
  })

  test('one scrape takes one picture', async () => {
    for (const pictures of [1, 2]) {
      await (await get('/metrics')).text()
      expect(lan.pictures()).toBe(pictures)
    }
  })

  test('a port in use is named', async () => {
    const port = Number(new URL(lan.url).port)
    const second = createLanHttp({
      listen: { host: '127.0.0.1', port },
      liveSpacing: 0 as never,
      api: { clock: lan.clock, access: { tokens: [], open: false, local: true, names: [] } } as never,
    })
    await expect(second.start()).rejects.toMatchObject({
      code: 'http.listen',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    })
  })
})
