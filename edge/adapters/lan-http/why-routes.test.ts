import { DecisionsView, WhyHistoryView, WhyView } from '@busbar/contracts/lan-api/why.ts'
import { as, evseKey, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { hours, later, milliseconds, toIso } from '@busbar/units/time.ts'
import { OpenAPIHono } from '@hono/zod-openapi'
import { describe, expect, test } from 'vitest'
import { createMemoryDecisionLog } from '../../domain/ports/decision-log.memory.ts'
import type { Caller } from './access.ts'
import { badRequest } from './problem.ts'
import { roleFor } from './roles.ts'
import { problemOf } from './testing/problem-of.ts'
import { addWhy } from './why-routes.ts'

const clock = new FakeClock(Date.UTC(2026, 11, 1))
const key = evseKey(as<StationId>('A-01'), 1)
const ago = (h: number) => later(clock.now(), milliseconds(-hours(h)))
const decisions = createMemoryDecisionLog()
const RECORD = '{"version":1,"at":"2026-11-30T23:00:00.000Z","moves":[]}'
decisions.add({ decision: { at: ago(30), moves: 1, record: '{}' }, reasons: [] })
decisions.add({
  decision: { at: ago(1), moves: 2, record: RECORD },
  reasons: [
    { at: ago(1), evse: key, code: 'row-full', row: 'hall/l1', sentence: 'Gets 16 A: hall, L1 is full' },
  ],
})
const app = new OpenAPIHono<Caller>({
  defaultHook: (result, c) => (result.success ? undefined : badRequest(c, result.error)),
})
addWhy(app, {
  clock,
  decisions,
  why: (asked) =>
    asked !== key
      ? null
      : {
          ...{ at: toIso(clock.now()), station: 'A-01', evse: 1, label: 'A-01', state: 'limited' },
          ...{
            code: 'row-full',
            sentence: 'Gets 16 A: hall, L1 is full',
            short: 'hall, L1 is full',
            unit: 'A',
          },
          ...{ limit: 16, share: 16, row: null, also: [], frees: null, override: null },
        },
})
const get = (path: string) => app.request(path)

describe('why at the API', () => {
  test('is a sentence with its figures, and a 404 for an EVSE that is none', async () => {
    expect(WhyView.parse(await (await get('/api/v1/evses/A-01/1/why')).json())).toMatchObject({ limit: 16 })
    expect((await problemOf(await get('/api/v1/evses/A-01/2/why'))).status).toBe(404)
  })

  test('is told of the last day, or of the window asked for', async () => {
    const path = '/api/v1/evses/A-01/1/why/history'
    expect(WhyHistoryView.parse(await (await get(path)).json()).reasons).toMatchObject([{ row: 'hall/l1' }])
    const before = await get(`${path}?to=${toIso(ago(2))}`)
    expect(WhyHistoryView.parse(await before.json()).reasons).toEqual([])
    expect((await problemOf(await get(`${path}?limit=0`))).status).toBe(400)
  })

  test('lists decisions and gives each as a file', async () => {
    const list = DecisionsView.parse(await (await get('/api/v1/decisions')).json())
    expect(list.decisions).toMatchObject([{ moves: 2 }])
    expect(list.disk).toMatchObject({ decisions: 2, from: toIso(ago(30)) })
    const file = await get(`/api/v1/decisions/${list.decisions[0]?.id}`)
    expect(file.headers.get('content-disposition')).toMatch(/attachment; filename="decision-\d+\.json"/)
    expect(await file.json()).toEqual(JSON.parse(RECORD))
    expect((await problemOf(await get('/api/v1/decisions/77'))).status).toBe(404)
  })

  test('is for everyone who may read', () => {
    for (const path of [
      '/api/v1/evses/A/1/why',
      '/api/v1/evses/A/1/why/history',
      '/api/v1/decisions',
      '/api/v1/decisions/7',
    ])
      expect(roleFor('GET', path)).toBe('viewer')
  })
})
