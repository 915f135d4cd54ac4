import { DeparturesAnswer } from '@busbar/contracts/lan-api/departures.ts'
import { SiteView, TrendView } from '@busbar/contracts/lan-api/site-view.ts'
import { CommandAnswer } from '@busbar/contracts/lan-api/station-commands.ts'
import { TransactionsView } from '@busbar/contracts/lan-api/transactions.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { fromIso } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLanHttp } from './server.ts'
import { type LanDouble, startLan, TOKENS } from './testing/lan-double.ts'
import { PlainHttp } from './testing/plain-http.ts'
import { problemOf } from './testing/problem-of.ts'

let lan: LanDouble
const clock = new FakeClock()
beforeEach(async () => {
  lan = await startLan(clock)
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
    const now = clock.now()
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
    // The caller's fault, and no failure of the depot's.
    expect(lan.errors).toEqual([])
    const plain = await send('PUT', '/api/v1/departures', 'departures', {
      ...bearer(TOKENS.operator),
      'content-type': 'text/plain',
    })
    expect((await problemOf(plain)).status).toBe(415)
  })

  test('a body above a mebibyte is a 413, told its length or not', async () => {
    const text = ' '.repeat(1024 * 1024 + 1)
    const refused = await send('PUT', '/api/v1/departures', text)
    // What is left of it is not read, so nothing else can come on this connection.
    expect(refused.headers.get('connection')).toBe('close')
    expect((await problemOf(refused)).status).toBe(413)
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

describe('the rest', () => {
  test.each([
    ['GET', '/api/v1/none'],
    ['DELETE', '/api/v1/departures'],
    ['POST', '/none'],
  ])('%s %s is a problem of its own', async (method, path) => {
    const { status, detail } = await problemOf(
      await fetch(`${lan.url}${path}`, { method, headers: bearer(TOKENS.manager) }),
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
      api: { clock: clock, access: { tokens: [], open: false, local: true, names: [] } } as never,
    })
    await expect(second.start()).rejects.toMatchObject({
      code: 'http.listen',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    })
  })
})
