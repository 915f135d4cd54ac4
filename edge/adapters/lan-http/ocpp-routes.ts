import {
  CommandsView,
  OcppAnswer,
  OcppPayload,
  type WaitingCommand,
} from '@busbar/contracts/lan-api/ocpp-request.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type StationId } from '@busbar/model/ids.ts'
import { toIso } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { OcppResult, Submit } from '../../domain/inputs.ts'
import type { Caller } from './access.ts'
import { problem } from './problem.ts'
import { failed, json, writing } from './schemas.ts'

export interface OcppApi {
  readonly submit: Submit
  readonly clock: Clock
  readonly stations: ReadonlySet<string>
  /** Commands that have not ended. */
  readonly waiting: () => WaitingCommand[]
}

const ocppRoute = createRoute({
  method: 'post',
  path: '/api/v1/stations/{station}/ocpp/{action}',
  request: {
    params: z.object({ station: z.string().max(48), action: z.string().max(64) }),
    body: { required: true, content: { 'application/json': { schema: OcppPayload } } },
  },
  responses: {
    200: json(OcppAnswer, "The station's own answer or error"),
    404: failed('No such station'),
    409: failed('It could overload what protects; nothing was sent'),
    503: failed('The station is not connected; nothing was sent'),
    504: failed('It was sent, and nobody can say whether the station acts on it'),
    ...writing,
  },
})
const commandsRoute = createRoute({
  method: 'get',
  path: '/api/v1/commands',
  responses: { 200: json(CommandsView, 'Commands under way or waiting, oldest first') },
})
const withdrawRoute = createRoute({
  method: 'delete',
  path: '/api/v1/commands/{command}',
  request: { params: z.object({ command: z.string().max(200) }) },
  responses: { 204: { description: 'Given up' }, 404: failed('No command of that name waits'), ...writing },
})

/** Raw OCPP requests, and the commands that wait for their stations. */
export function addOcpp(app: OpenAPIHono<Caller>, api: OcppApi): void {
  app.openapi(ocppRoute, async (c) => {
    const { station, action } = c.req.valid('param')
    if (!api.stations.has(station)) return problem(c, 404, { title: 'No such station', detail: station })
    const payload = c.req.valid('json')
    const { outcome } = api.submit({
      type: 'ocpp-request',
      station: as<StationId>(station),
      action,
      payload,
      by: c.get('actor'),
    })
    const result = await outcome
    if (result.status === 'answered') return c.json({ result: { ...result.response } }, 200)
    if (result.status === 'error') return c.json({ error: { ...result.error } }, 200)
    const { status, title } = REFUSALS[result.status]
    return problem(c, status, { title, detail: result.reason })
  })
  app.openapi(commandsRoute, (c) => c.json({ at: toIso(api.clock.now()), commands: api.waiting() }, 200))
  app.openapi(withdrawRoute, async (c) => {
    const { command } = c.req.valid('param')
    const { outcome, durable } = api.submit({ type: 'command-withdrawn', command, by: c.get('actor') })
    await durable
    return outcome.found
      ? c.body(null, 204)
      : problem(c, 404, { title: 'No such command waits', detail: command })
  })
}

const REFUSALS = {
  refused: { status: 400, title: 'The message does not fit its schema' },
  limits: { status: 409, title: 'It could overload what protects' },
  'not-sent': { status: 503, title: 'It was not sent' },
  unanswered: { status: 504, title: 'The station did not answer' },
} as const satisfies Record<Exclude<OcppResult['status'], 'answered' | 'error'>, object>
