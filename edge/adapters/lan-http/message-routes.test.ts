import { MessagesView } from '@busbar/contracts/lan-api/messages.ts'
import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { instant } from '@busbar/units/time.ts'
import { OpenAPIHono } from '@hono/zod-openapi'
import { beforeEach, describe, expect, test } from 'vitest'
import type { MessageQuery } from '../../domain/ports/message-log.ts'
import type { Caller } from './access.ts'
import { addMessages } from './message-routes.ts'
import { badRequest } from './problem.ts'
import { roleFor } from './roles.ts'

const clock = new FakeClock(Date.UTC(2026, 11, 1))
const asked: MessageQuery[] = []
const app = new OpenAPIHono<Caller>({
  defaultHook: (result, c) => (result.success ? undefined : badRequest(c, result.error)),
})
addMessages(app, {
  clock,
  messages: {
    add: () => undefined,
    find: async (query) => {
      asked.push(query)
      const head = { id: 7, at: instant(Date.UTC(2026, 10, 30)), station: as<never>('A-01'), connection: 2 }
      const message = {
        ...head,
        ...{ direction: 'out' as const, kind: 'error' as const, messageId: '9', action: 'Reset' },
        ...{ errorCode: 'NotSupported', durationMs: 12, text: '[4]', length: 3 },
      }
      return { messages: [message], next: 7 }
    },
    use: async () => ({ messages: 1, bytes: 4096, capBytes: 1e9, from: instant(0), dropped: 2 }),
  },
})
beforeEach(() => {
  asked.length = 0
})

describe('the message log at the API', () => {
  test('tells frames with where to go on and the disk they take', async () => {
    const answer = await app.request('/api/v1/messages?station=A-01')
    const view = MessagesView.parse(await answer.json())
    expect(view.messages).toMatchObject([
      { id: 7, at: '2026-11-30T00:00:00.000Z', station: 'A-01', error_code: 'NotSupported', duration_ms: 12 },
    ])
    expect(view).toMatchObject({ next: 7, disk: { messages: 1, cap_bytes: 1e9, dropped: 2 } })
  })

  test('hands on what is asked for, in instants', async () => {
    await app.request(
      '/api/v1/messages?action=Reset&direction=in&kind=call&text=Hard&from=2026-12-01T01:00:00%2B01:00&before=50&limit=5',
    )
    expect(asked).toEqual([
      {
        ...{ action: 'Reset', direction: 'in', kind: 'call', text: 'Hard', before: 50, limit: 5 },
        ...{ station: undefined, from: Date.UTC(2026, 11, 1), to: undefined },
      },
    ])
  })

  test.each(['limit=0', 'limit=1001', 'direction=up', 'from=yesterday', 'before=-1'])(
    'refuses %s and names it',
    async (query) => {
      const answer = await app.request(`/api/v1/messages?${query}`)
      expect(answer.status).toBe(400)
      expect(JSON.stringify(Problem.parse(await answer.json()))).toContain(query.split('=')[0])
    },
  )

  test('is for operators: frames name people by their tokens', () => {
    expect(roleFor('GET', '/api/v1/messages')).toBe('operator')
  })
})
