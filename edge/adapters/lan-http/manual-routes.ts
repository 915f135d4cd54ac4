import {
  ManualAnswer,
  ManualPreview,
  ManualView,
  OperatingLimitRequest,
  OverrideRequest,
  PriorityRequest,
} from '@busbar/contracts/lan-api/manual.ts'
import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import { as, type CircuitId, evseKey, type StationId } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { fromIso, type Instant } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ManualAct } from '../../domain/charging/manual/manual-act.ts'
import type { Submit } from '../../domain/inputs.ts'
import type { LiveManual, ManualPreview as Previewed } from '../../domain/live-site.ts'
import type { Caller } from './access.ts'

export interface ManualApi {
  readonly submit: Submit
  readonly manual: {
    readonly list: () => LiveManual
    readonly preview: (act: ManualAct) => Previewed | string
  }
}

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const failed = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Problem } },
})
const writing = {
  400: failed('The request does not fit'),
  401: failed('A token is needed'),
  403: failed('Another role is needed, or the page is of another origin'),
}
const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
})

const evse = z.object({ station: z.string().max(48), evse: z.coerce.number().int().min(1).max(1000) })
const circuit = z.object({ circuit: z.string().max(64) })
const priority = z.object({ scope: z.enum(['vehicle', 'group', 'departure']), id: z.string().max(64) })

/** Set, preview and end of one kind of act at one path. */
const routesAt = <P extends z.ZodObject, B extends z.ZodType>(
  path: string,
  of: { params: P; request: B },
) => ({
  set: createRoute({
    method: 'put',
    path,
    request: { params: of.params, body: body(of.request) },
    responses: { 200: json(ManualAnswer, 'Taken and stored, or refused with the reason'), ...writing },
  }),
  preview: createRoute({
    method: 'post',
    path: `${path}/preview`,
    request: { params: of.params, body: body(of.request) },
    responses: { 200: json(ManualPreview, 'Who would gain and who would lose; nothing changes'), ...writing },
  }),
  end: createRoute({
    method: 'delete',
    path,
    request: { params: of.params },
    responses: { 200: json(ManualAnswer, 'Ended and stored, or refused with the reason'), ...writing },
  }),
})

const overrideRoutes = routesAt('/api/v1/evses/{station}/{evse}/override', {
  params: evse,
  request: OverrideRequest,
})
const priorityRoutes = routesAt('/api/v1/priorities/{scope}/{id}', {
  params: priority,
  request: PriorityRequest,
})
const limitRoutes = routesAt('/api/v1/circuits/{circuit}/operating-limit', {
  params: circuit,
  request: OperatingLimitRequest,
})
const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/manual',
  responses: { 200: json(ManualView, 'All that stands by hand, and the last acts') },
})

/** Control by hand: overrides of EVSEs, priorities, operating limits of circuits. */
export function addManual(app: OpenAPIHono<Caller>, api: ManualApi): void {
  app.openapi(listRoute, (c) => c.json(api.manual.list(), 200))
  app.openapi(overrideRoutes.set, async (c) =>
    c.json(await done(api, c, overrideOf(c.req.valid('param'), c.req.valid('json'))), 200),
  )
  app.openapi(overrideRoutes.preview, (c) =>
    answered(c, api.manual.preview(overrideOf(c.req.valid('param'), c.req.valid('json')))),
  )
  app.openapi(overrideRoutes.end, async (c) =>
    c.json(await done(api, c, { kind: 'override-end', evse: keyOf(c.req.valid('param')) }), 200),
  )
  app.openapi(priorityRoutes.set, async (c) =>
    c.json(await done(api, c, priorityOf(c.req.valid('param'), c.req.valid('json'))), 200),
  )
  app.openapi(priorityRoutes.preview, (c) =>
    answered(c, api.manual.preview(priorityOf(c.req.valid('param'), c.req.valid('json')))),
  )
  app.openapi(priorityRoutes.end, async (c) =>
    c.json(await done(api, c, { kind: 'priority-end', ...c.req.valid('param') }), 200),
  )
  app.openapi(limitRoutes.set, async (c) =>
    c.json(await done(api, c, limitOf(c.req.valid('param'), c.req.valid('json'))), 200),
  )
  app.openapi(limitRoutes.preview, (c) =>
    answered(c, api.manual.preview(limitOf(c.req.valid('param'), c.req.valid('json')))),
  )
  app.openapi(limitRoutes.end, async (c) => {
    const { circuit: id } = c.req.valid('param')
    return c.json(await done(api, c, { kind: 'operating-limit-end', circuit: as<CircuitId>(id) }), 200)
  })
}

/** Submits the act and waits until it is stored. */
async function done({ submit }: ManualApi, c: Context<Caller>, act: ManualAct) {
  const { outcome, durable } = submit({ type: 'manual-act', act, by: c.get('actor') })
  await durable
  return outcome
}

const answered = (c: Context<Caller>, preview: Previewed | string) =>
  typeof preview === 'string'
    ? c.json(
        { type: 'about:blank', title: 'It would be refused', status: 400, detail: preview },
        400,
        PROBLEM,
      )
    : c.json(preview, 200)
const PROBLEM = { 'content-type': 'application/problem+json' }

const keyOf = (of: { station: string; evse: number }) => evseKey(as<StationId>(of.station), of.evse)
const untilOf = (until: string | undefined): Instant | null => (until === undefined ? null : fromIso(until))

function overrideOf(at: z.infer<typeof evse>, request: OverrideRequest): ManualAct {
  const { how, until, reason, limit_a: limitA, limit_w: limitW } = request
  const limit =
    limitA !== undefined
      ? { limit_a: amps(limitA) }
      : limitW !== undefined
        ? { limit_w: watts(limitW) }
        : null
  return { kind: 'override', evse: keyOf(at), how, limit, until: fromIso(until), reason }
}

const priorityOf = (at: z.infer<typeof priority>, request: PriorityRequest): ManualAct => ({
  kind: 'priority',
  ...at,
  priority: request.priority,
  until: untilOf(request.until),
  reason: request.reason,
})

const limitOf = (at: z.infer<typeof circuit>, request: OperatingLimitRequest): ManualAct => ({
  kind: 'operating-limit',
  circuit: as<CircuitId>(at.circuit),
  limitA: request.limit_a ?? null,
  limitW: request.limit_w ?? null,
  until: untilOf(request.until),
  reason: request.reason,
})
