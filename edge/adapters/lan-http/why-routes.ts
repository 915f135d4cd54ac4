import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import { DecisionsView, WhyHistoryView, WhyView } from '@busbar/contracts/lan-api/why.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type EvseKey, evseKey, type StationId } from '@busbar/model/ids.ts'
import { type Duration, fromIso, hours, later, toIso } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { LiveWhy } from '../../domain/live-site.ts'
import type { DecisionLog } from '../../domain/ports/decision-log.ts'
import type { Caller } from './access.ts'
import { problem } from './problem.ts'

export interface WhyApi {
  readonly clock: Clock
  readonly why: (key: EvseKey) => LiveWhy | null
  readonly decisions: DecisionLog
}

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const failed = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
})
const evse = z.object({ station: z.string().max(48), evse: z.coerce.number().int().min(1).max(1000) })
const window = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})

const whyRoute = createRoute({
  method: 'get',
  path: '/api/v1/evses/{station}/{evse}/why',
  request: { params: evse },
  responses: {
    200: json(WhyView, 'One true sentence why it has its limit or state, and the figures behind it'),
    404: failed('No such EVSE'),
  },
})
const historyRoute = createRoute({
  method: 'get',
  path: '/api/v1/evses/{station}/{evse}/why/history',
  request: { params: evse, query: window },
  responses: {
    200: json(WhyHistoryView, 'What was said of it, newest first; each sentence held until the next'),
    400: failed('The request does not fit'),
  },
})
const decisionsRoute = createRoute({
  method: 'get',
  path: '/api/v1/decisions',
  request: { query: window },
  responses: {
    200: json(DecisionsView, 'Decisions that sent limits, newest first'),
    400: failed('The request does not fit'),
  },
})
const recordRoute = createRoute({
  method: 'get',
  path: '/api/v1/decisions/{id}',
  request: { params: z.object({ id: z.coerce.number().int().min(1) }) },
  responses: {
    200: {
      description: 'The decision with all that it was made from, as a file for `npm run balance`',
      content: { 'application/json': { schema: z.object({ version: z.int(), at: z.string() }).loose() } },
    },
    404: failed('No such decision'),
  },
})

/** Why, now and before, and the decisions behind it. */
export function addWhy(app: OpenAPIHono<Caller>, { clock, why, decisions }: WhyApi): void {
  const within = ({ from, to, limit }: z.infer<typeof window>) => ({
    from: from === undefined ? later(clock.now(), -hours(24) as Duration) : fromIso(from),
    to: to === undefined ? later(clock.now(), 1 as Duration) : fromIso(to),
    limit,
  })
  app.openapi(whyRoute, (c) => {
    const key = keyOf(c.req.valid('param'))
    const found = why(key)
    return found === null ? problem(c, 404, { title: 'No such EVSE', detail: key }) : c.json(found, 200)
  })
  app.openapi(historyRoute, async (c) => {
    const reasons = await decisions.reasons({
      evse: keyOf(c.req.valid('param')),
      ...within(c.req.valid('query')),
    })
    const shown = reasons.map(({ at, code, row, sentence }) => ({ at: toIso(at), code, row, sentence }))
    return c.json({ at: toIso(clock.now()), reasons: shown }, 200)
  })
  app.openapi(decisionsRoute, async (c) => {
    const found = await decisions.decisions(within(c.req.valid('query')))
    const { bytes, from, dropped, ...use } = await decisions.use()
    const disk = {
      ...{ decisions: use.decisions, bytes, cap_bytes: use.capBytes, dropped },
      from: from === null ? null : toIso(from),
    }
    const shown = found.map(({ id, at, moves }) => ({ id, at: toIso(at), moves }))
    return c.json({ at: toIso(clock.now()), decisions: shown, disk }, 200)
  })
  app.openapi(recordRoute, async (c) => {
    const { id } = c.req.valid('param')
    const text = await decisions.record(id)
    if (text === null) return problem(c, 404, { title: 'No such decision', detail: String(id) })
    c.header('content-disposition', `attachment; filename="decision-${id}.json"`)
    return c.json(JSON.parse(text), 200)
  })
}

const keyOf = (of: { station: string; evse: number }) => evseKey(as<StationId>(of.station), of.evse)
