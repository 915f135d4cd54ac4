import { ManualAnswer, ManualPreview, ManualView } from '@busbar/contracts/lan-api/manual.ts'
import { OpenAPIHono } from '@hono/zod-openapi'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ManualAct } from '../../domain/charging/manual/manual-act.ts'
import type { Input, Submit } from '../../domain/inputs.ts'
import type { Caller } from './access.ts'
import { addManual } from './manual-routes.ts'
import { badRequest } from './problem.ts'
import { allows, roleFor } from './roles.ts'
import { problemOf } from './testing/problem-of.ts'

const AT = '2026-11-22T00:00:00.000Z'
const UNTIL = '2026-11-22T02:00:00.000Z'
const told: Input[] = []
const previewed: ManualAct[] = []
let durable: Promise<void>
const submit = ((input: Input) => {
  told.push(input)
  return { outcome: { status: 'accepted', reason: null }, durable }
}) as Submit

const app = new OpenAPIHono<Caller>({
  defaultHook: (result, c) => (result.success ? undefined : badRequest(c, result.error)),
})
app.use(async (c, next) => {
  c.set('actor', 'Ada')
  await next()
})
addManual(app, {
  submit,
  manual: {
    list: () => ({ at: AT, overrides: [], priorities: [], operating_limits: [], acts: [] }),
    preview: (act) => {
      previewed.push(act)
      if (act.kind === 'priority') return 'there is no vehicle bus-9'
      return { at: AT, total_before_w: 2, total_after_w: 1, changes: [] }
    },
  },
})
const send = (method: string, path: string, body?: unknown) =>
  app.request(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json' },
  })

beforeEach(() => {
  told.length = 0
  previewed.length = 0
  durable = Promise.resolve()
})

const OVERRIDE = '/api/v1/evses/A-01/1/override'
const LIMIT = '/api/v1/circuits/hall/operating-limit'
const PAUSE = { how: 'pause', until: UNTIL, reason: 'washing' }

describe('control by hand at the API', () => {
  test('hands acts on with the name of who asks, and answers once they are stored', async () => {
    const stored = Promise.withResolvers<void>()
    durable = stored.promise
    let answered = false
    const answer = Promise.resolve(send('PUT', OVERRIDE, PAUSE)).then((got) => {
      answered = true
      return got
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect([told.length, answered]).toEqual([1, false])
    stored.resolve()
    expect(ManualAnswer.parse(await (await answer).json())).toEqual({ status: 'accepted', reason: null })
    expect(told).toMatchObject([
      { type: 'manual-act', by: 'Ada', act: { kind: 'override', evse: 'A-01/1', how: 'pause', limit: null } },
    ])
  })

  test('takes limits in their own unit, priorities, operating limits and the end of each', async () => {
    await send('PUT', OVERRIDE, { ...PAUSE, how: 'charge', limit_a: 20 })
    await send('PUT', '/api/v1/priorities/group/blue', { priority: 2, reason: 'late duty' })
    await send('PUT', LIMIT, { limit_a: 100, reason: 'the cable is warm' })
    for (const path of [OVERRIDE, '/api/v1/priorities/group/blue', LIMIT]) await send('DELETE', path)
    expect(told.map((input) => ('act' in input ? input.act : null))).toMatchObject([
      { kind: 'override', how: 'charge', limit: { limit_a: 20 } },
      { kind: 'priority', scope: 'group', id: 'blue', priority: 2, until: null },
      { kind: 'operating-limit', circuit: 'hall', limitA: 100, limitW: null, until: null },
      { kind: 'override-end', evse: 'A-01/1' },
      { kind: 'priority-end', scope: 'group', id: 'blue' },
      { kind: 'operating-limit-end', circuit: 'hall' },
    ])
  })

  test('previews without submitting, and says why an act would be refused', async () => {
    const preview = await send('POST', `${LIMIT}/preview`, { limit_a: 100, reason: 'warm' })
    expect(ManualPreview.parse(await preview.json())).toMatchObject({ total_before_w: 2, total_after_w: 1 })
    const refused = await send('POST', '/api/v1/priorities/vehicle/bus-9/preview', {
      priority: 1,
      reason: 'x',
    })
    expect(await problemOf(refused)).toMatchObject({ status: 400, detail: 'there is no vehicle bus-9' })
    expect(previewed).toHaveLength(2)
    expect(told).toEqual([])
  })

  test('lists what stands', async () => {
    expect(ManualView.parse(await (await send('GET', '/api/v1/manual')).json()).acts).toEqual([])
  })

  test.each<[string, string, unknown]>([
    ['no end', OVERRIDE, { how: 'pause', reason: 'x' }],
    ['no reason', OVERRIDE, { ...PAUSE, reason: '  ' }],
    ['two limits', OVERRIDE, { ...PAUSE, how: 'charge', limit_a: 1, limit_w: 1 }],
    ['a limit for a pause', OVERRIDE, { ...PAUSE, limit_a: 6 }],
    ['a priority of 0', '/api/v1/priorities/vehicle/bus-1', { priority: 0, reason: 'x' }],
    ['no limit', LIMIT, { reason: 'x' }],
    ['a scope that is none', '/api/v1/priorities/depot/x', { priority: 1, reason: 'x' }],
  ])('refuses %s', async (_, path, body) => {
    expect((await problemOf(await send('PUT', path, body))).status).toBe(400)
    expect(told).toEqual([])
  })
})

describe('who may decide by hand', () => {
  test('operators for an EVSE or a priority, managers for a circuit, by set, preview and end alike', () => {
    const rolesAt = (path: string) => [
      roleFor('PUT', path),
      roleFor('POST', `${path}/preview`),
      roleFor('DELETE', path),
    ]
    expect(rolesAt(OVERRIDE)).toEqual(['operator', 'operator', 'operator'])
    expect(rolesAt('/api/v1/priorities/vehicle/bus-1')).toEqual(['operator', 'operator', 'operator'])
    expect(rolesAt(LIMIT)).toEqual(['manager', 'manager', 'manager'])
    expect(allows('operator', 'manager')).toBe(false)
    expect(allows('manager', 'operator')).toBe(true)
  })
})
