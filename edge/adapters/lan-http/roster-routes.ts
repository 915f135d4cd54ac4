import {
  NewStation,
  StationAddedAnswer,
  StationPlace,
  StationRemovedAnswer,
} from '@busbar/contracts/lan-api/station-roster.ts'
import { as, type StationId } from '@busbar/model/ids.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Submit } from '../../domain/inputs.ts'
import type { RosterRefusal } from '../../domain/roster-inputs.ts'
import type { Caller } from './access.ts'
import { problem } from './problem.ts'
import { failed, json, writing } from './schemas.ts'

const params = z.object({ station: z.string().max(48) })
const refusals = {
  404: failed('Nobody added such a station'),
  409: failed('Not as things stand: the reason says why'),
  422: failed('It does not fit the site: the circuit and phase that it would overload are named'),
}
const addRoute = createRoute({
  method: 'post',
  path: '/api/v1/stations',
  request: { body: { required: true, content: { 'application/json': { schema: NewStation } } } },
  responses: {
    201: json(StationAddedAnswer, 'Added; the password is shown this once'),
    ...refusals,
    ...writing,
  },
})
const changeRoute = createRoute({
  method: 'put',
  path: '/api/v1/stations/{station}',
  request: {
    params,
    body: { required: true, content: { 'application/json': { schema: StationPlace } } },
  },
  responses: { 204: { description: 'Changed' }, ...refusals, ...writing },
})
const removeRoute = createRoute({
  method: 'delete',
  path: '/api/v1/stations/{station}',
  request: { params },
  responses: { 202: json(StationRemovedAnswer, 'Let in no more'), ...refusals, ...writing },
})

/** Stations beside those of the configuration. */
export function addRoster(app: OpenAPIHono<Caller>, { submit }: { readonly submit: Submit }): void {
  app.openapi(addRoute, async (c) => {
    const { id, security_profile: securityProfile, ...definition } = c.req.valid('json')
    const asked = { station: as<StationId>(id), definition, securityProfile, by: c.get('actor') }
    const { outcome, durable } = submit({ type: 'station-added', ...asked })
    if (outcome.status !== 'accepted') return refusal(c, outcome)
    await durable
    return c.json({ id, password: outcome.secret }, 201, { 'cache-control': 'no-store' })
  })
  app.openapi(changeRoute, async (c) => {
    const station = as<StationId>(c.req.valid('param').station)
    const asked = { station, definition: c.req.valid('json'), by: c.get('actor') }
    const { outcome, durable } = submit({ type: 'station-changed', ...asked })
    if (outcome.status !== 'accepted') return refusal(c, outcome)
    await durable
    return c.body(null, 204)
  })
  app.openapi(removeRoute, async (c) => {
    const { station: id } = c.req.valid('param')
    const asked = { station: as<StationId>(id), by: c.get('actor') }
    const { outcome, durable } = submit({ type: 'station-removed', ...asked })
    if (outcome.status !== 'accepted') return refusal(c, outcome)
    await durable
    return c.json({ id, state: 'leaving' as const }, 202)
  })
}

const STATUS = { conflict: 409, unfit: 422, unknown: 404 } as const
const TITLE = {
  conflict: 'Not as things stand',
  unfit: 'It does not fit the site',
  unknown: 'Nobody added such a station',
}
const refusal = (c: Context, { status, reason }: RosterRefusal) =>
  problem(c, STATUS[status], { title: TITLE[status], detail: reason })
