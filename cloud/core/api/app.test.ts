import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { toIso } from '@busbar/units/time.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MemoryFleetStore } from '../domain/ports/fleet-store.memory.ts'
import { type ApiOptions, createApp } from './app.ts'
import { LiveFleet } from './live-fleet.ts'

const clock = new FakeClock()
const sha256 = createHash('sha256').update('a token').digest('hex')
let pages = ''

beforeAll(async () => {
  pages = join(await mkdtemp(join(tmpdir(), 'busbar-pages-')), 'dist')
  await mkdir(join(pages, 'assets'), { recursive: true })
  await writeFile(join(pages, 'index.html'), '<title>Fleet</title>')
  await writeFile(join(pages, 'assets', 'a.js'), 'export {}')
  await writeFile(join(pages, '..', 'secret.js'), 'secret')
})
afterAll(() => rm(join(pages, '..'), { recursive: true, force: true }))

const depot = {
  ...{
    id: 'one',
    name: 'One',
    virtual: false,
    link: { state: 'never', since: null, last_heard_at: null } as const,
  },
  ...{ as_of: null, age_ms: null, snapshot: null, trend: [], energy_wh: 0 },
  facts: { committed: 0, missing: null, last_committed_at: null, quarantined: 0 },
  transactions: { running: 0, since_noon: 0 },
}

function appWith(more: Partial<ApiOptions> = {}) {
  const fleet = {
    version: 1,
    linkStates: () => 'never',
    view: () => ({
      version: 1 as const,
      fleet: { name: 'F' },
      at: toIso(clock.now()),
      clock: { scale: 1 },
      depots: [depot],
    }),
    refresh: async () => undefined,
    depotView: (id: string) => (id === 'one' ? depot : null),
    currentEpoch: () => null,
  }
  return createApp({
    ...{ fleet, live: new LiveFleet(fleet), store: new MemoryFleetStore(), clock, pages },
    access: { names: new Set(['localhost']), tokens: null },
    metrics: async () => ({ text: 'metric 1\n', contentType: 'text/plain' }),
    onError: () => undefined,
    ...more,
  })
}

describe('the API', () => {
  test('shows the fleet, one depot, and lists', async () => {
    const app = appWith()
    for (const path of ['fleet', 'depots', 'depots/one', 'depots/one/transactions', 'depots/one/facts'])
      expect((await app.request(`/api/v1/${path}`)).status, path).toBe(200)
  })

  test('answers errors as problems and says what was expected', async () => {
    const wrong = [
      ['depots/none', 404],
      ['depots/none/facts', 404],
      ['depots/one/facts?limit=0', 400],
      ['x', 404],
    ] as const
    for (const [path, status] of wrong) {
      const response = await appWith().request(`/api/v1/${path}`)
      expect(response.headers.get('content-type')).toContain('application/problem+json')
      expect(Problem.parse(await response.json()).status).toBe(status)
      expect(response.status).toBe(status)
    }
    const response = await appWith().request('/api/v1/depots/one/facts?limit=0')
    expect(Problem.parse(await response.json()).errors?.[0]?.at).toBe('limit')
  })

  test('says that the database is away, and for how long that matters: try again', async () => {
    const store = new MemoryFleetStore()
    const away = () => Promise.reject(new DepotError('store.unavailable', 'database: gone'))
    Object.assign(store, { transactions: away, ping: away })
    expect((await appWith({ store }).request('/api/v1/depots/one/transactions')).status).toBe(503)
    expect((await appWith({ store }).request('/health')).status).toBe(503)
  })

  test('describes itself, its health and its metrics', async () => {
    const document = await (await appWith().request('/api/v1/openapi.json')).json()
    expect(Object.keys(document.paths)).toContain('/api/v1/depots/{id}/facts')
    expect(await (await appWith().request('/health')).json()).toEqual({
      status: 'pass',
      checks: { database: 'pass' },
    })
    expect(await (await appWith().request('/metrics')).text()).toBe('metric 1\n')
  })
})

describe('access', () => {
  const access = { names: new Set(['localhost']), tokens: [{ sha256, role: 'viewer' as const }] }

  test('off loopback the API and the metrics need a token; health and the page do not', async () => {
    const app = appWith({ access })
    for (const path of [
      '/api/v1/fleet',
      '/api/v1/fleet/live',
      '/api/v1/depots/one',
      '/api/v1/openapi.json',
      '/metrics',
    ]) {
      expect((await app.request(path)).status, path).toBe(401)
      expect((await app.request(path, { headers: { authorization: 'Bearer wrong' } })).status, path).toBe(401)
    }
    const headers = { authorization: 'Bearer a token' }
    expect((await app.request('/api/v1/fleet', { headers })).status).toBe(200)
    expect((await app.request('/health')).status).toBe(200)
    expect((await app.request('/')).status).toBe(200)
  })

  test('S51: nothing is answered under a foreign host name', async () => {
    expect((await appWith().request('http://evil.example/api/v1/fleet')).status).toBe(421)
  })
})

describe('the dashboard’s files', () => {
  test('are served with a strict policy; any path without a file is the page', async () => {
    const page = await appWith().request('/depots/one')
    expect(await page.text()).toContain('<title>Fleet</title>')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect((await appWith().request('/assets/a.js')).headers.get('cache-control')).toContain('immutable')
  })

  test.each([
    '/..%2fsecret.js',
    '/%2e%2e%2fsecret.js',
    '/assets/..%2f..%2fsecret.js',
    '/missing.js',
    '/%00.js',
  ])('S56: nothing outside their folder is found by %s', async (path) => {
    expect((await appWith().request(path)).status).toBe(404)
  })

  test('S56: encoded twice or not decodable, a path leads to the page at most', async () => {
    expect(await (await appWith().request('/%252e%252e%252fsecret')).text()).toContain('<title>')
    expect((await appWith().request('/%ff.js')).status).toBe(404)
  })
})
