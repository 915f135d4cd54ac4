import { MessagesQuery, MessagesView } from '@busbar/contracts/lan-api/messages.ts'
import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type StationId } from '@busbar/model/ids.ts'
import { fromIso, toIso } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { MessageLog, MessagePage } from '../../domain/ports/message-log.ts'
import type { Caller } from './access.ts'

const messagesRoute = createRoute({
  method: 'get',
  path: '/api/v1/messages',
  request: { query: MessagesQuery },
  responses: {
    200: {
      description: 'OCPP frames, newest first, and the disk they take',
      content: { 'application/json': { schema: MessagesView } },
    },
    400: {
      description: 'The request does not fit',
      content: { 'application/problem+json': { schema: Problem } },
    },
  },
})

export interface MessagesApi {
  readonly messages: MessageLog
  readonly clock: Clock
}

/** `GET /api/v1/messages`. */
export function addMessages(app: OpenAPIHono<Caller>, { messages, clock }: MessagesApi): void {
  app.openapi(messagesRoute, async (c) => {
    const { station, from, to, ...rest } = c.req.valid('query')
    const page = await messages.find({
      ...rest,
      station: station === undefined ? undefined : as<StationId>(station),
      from: from === undefined ? undefined : fromIso(from),
      to: to === undefined ? undefined : fromIso(to),
    })
    const use = await messages.use()
    const disk = {
      messages: use.messages,
      bytes: use.bytes,
      cap_bytes: use.capBytes,
      from: use.from === null ? null : toIso(use.from),
      dropped: use.dropped,
    }
    return c.json({ at: toIso(clock.now()), messages: page.messages.map(toView), next: page.next, disk }, 200)
  })
}

const toView = (message: MessagePage['messages'][number]) => ({
  id: message.id,
  at: toIso(message.at),
  station: message.station,
  connection: message.connection,
  direction: message.direction,
  kind: message.kind,
  message_id: message.messageId,
  action: message.action,
  error_code: message.errorCode,
  duration_ms: message.durationMs,
  text: message.text,
  length: message.length,
})
