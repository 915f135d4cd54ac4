import {
  IdTokensAnswer,
  IdTokensRequest,
  IdTokensView,
  type IdTokenView,
} from '@busbar/contracts/lan-api/id-tokens.ts'
import {
  LocalListAnswer,
  LocalListView,
  ReservationAnswer,
  ReservationRequest,
  ReservationsView,
  type ReservationView,
} from '@busbar/contracts/lan-api/reservations.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type IdToken, type StationId, type VehicleId } from '@busbar/model/ids.ts'
import { fromIso, toIso } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { IdTokenEntry } from '../../domain/authorization/id-token.ts'
import type { Submit } from '../../domain/inputs.ts'
import type { Caller } from './access.ts'
import { problem } from './problem.ts'
import { failed, json, writing } from './schemas.ts'

export interface AuthorizationApi {
  readonly submit: Submit
  readonly clock: Clock
  readonly stations: ReadonlySet<string>
  readonly authorization: {
    readonly tokens: () => IdTokenView[]
    readonly reservations: () => ReservationView[]
    readonly localList: (station: StationId) => LocalListView
  }
}

const station = z.string().max(48)
const routes = {
  tokens: createRoute({
    method: 'get',
    path: '/api/v1/id-tokens',
    responses: { 200: json(IdTokensView, 'Every token that is known') },
  }),
  setTokens: createRoute({
    method: 'post',
    path: '/api/v1/id-tokens',
    request: { body: { required: true, content: { 'application/json': { schema: IdTokensRequest } } } },
    responses: {
      200: json(IdTokensAnswer, 'Stored; each replaces what was entered for it before'),
      ...writing,
    },
  }),
  removeToken: createRoute({
    method: 'delete',
    path: '/api/v1/id-tokens/{id_token}',
    request: { params: z.object({ id_token: z.string().max(36) }) },
    responses: { 204: { description: 'Gone' }, 404: failed('No such token was entered'), ...writing },
  }),
  reservations: createRoute({
    method: 'get',
    path: '/api/v1/reservations',
    responses: { 200: json(ReservationsView, 'Reservations that are not over') },
  }),
  reserve: createRoute({
    method: 'post',
    path: '/api/v1/reservations',
    request: { body: { required: true, content: { 'application/json': { schema: ReservationRequest } } } },
    responses: {
      200: json(ReservationAnswer, 'What the station says'),
      404: failed('No such station'),
      ...writing,
    },
  }),
  cancel: createRoute({
    method: 'delete',
    path: '/api/v1/reservations/{reservation}',
    request: { params: z.object({ reservation: z.coerce.number().int().min(1) }) },
    responses: {
      200: json(ReservationAnswer, 'What the station says'),
      404: failed('No such reservation'),
      ...writing,
    },
  }),
  localList: createRoute({
    method: 'get',
    path: '/api/v1/stations/{station}/local-list',
    request: { params: z.object({ station }) },
    responses: { 200: json(LocalListView, 'What the list holds'), 404: failed('No such station') },
  }),
  pushList: createRoute({
    method: 'post',
    path: '/api/v1/stations/{station}/local-list',
    request: { params: z.object({ station }) },
    responses: { 200: json(LocalListAnswer, 'What came of it'), 404: failed('No such station'), ...writing },
  }),
}

/** Tokens, reservations and the local lists of stations. */
export function addAuthorization(app: OpenAPIHono<Caller>, api: AuthorizationApi): void {
  addTokens(app, api)
  addReservations(app, api)
  app.openapi(routes.localList, (c) => {
    const { station: id } = c.req.valid('param')
    if (!api.stations.has(id)) return problem(c, 404, { title: 'No such station', detail: id })
    return c.json(api.authorization.localList(as<StationId>(id)), 200)
  })
  app.openapi(routes.pushList, async (c) => {
    const { station: id } = c.req.valid('param')
    if (!api.stations.has(id)) return problem(c, 404, { title: 'No such station', detail: id })
    const by = c.get('actor')
    const { outcome } = api.submit({ type: 'local-list-push', station: as<StationId>(id), by })
    return c.json(await outcome, 200)
  })
}

function addTokens(app: OpenAPIHono<Caller>, api: AuthorizationApi): void {
  app.openapi(routes.tokens, (c) =>
    c.json({ at: toIso(api.clock.now()), id_tokens: api.authorization.tokens() }, 200),
  )
  app.openapi(routes.setTokens, async (c) => {
    const tokens = c.req.valid('json').id_tokens.map(toEntry)
    const { outcome, durable } = api.submit({ type: 'id-tokens-set', tokens, by: c.get('actor') })
    await durable
    return c.json({ accepted: [...outcome.accepted] }, 200)
  })
  app.openapi(routes.removeToken, async (c) => {
    const { id_token: text } = c.req.valid('param')
    const removed = { type: 'id-token-removed', idToken: as<IdToken>(text), by: c.get('actor') } as const
    const { outcome, durable } = api.submit(removed)
    await durable
    return outcome.found
      ? c.body(null, 204)
      : problem(c, 404, { title: 'No such token was entered', detail: text })
  })
}

const toEntry = (request: z.infer<typeof IdTokensRequest>['id_tokens'][number]): IdTokenEntry => ({
  idToken: as<IdToken>(request.id_token),
  status: request.status,
  group: request.group === null ? null : as<IdToken>(request.group),
  expiresAt: request.expires_at === null ? null : fromIso(request.expires_at),
  vehicle: request.vehicle === null ? null : as<VehicleId>(request.vehicle),
  oneAtATime: request.one_at_a_time,
})

function addReservations(app: OpenAPIHono<Caller>, api: AuthorizationApi): void {
  app.openapi(routes.reservations, (c) =>
    c.json({ at: toIso(api.clock.now()), reservations: api.authorization.reservations() }, 200),
  )
  app.openapi(routes.reserve, async (c) => {
    const { station: id, evse, id_token: text, expires_at: expires } = c.req.valid('json')
    if (!api.stations.has(id)) return problem(c, 404, { title: 'No such station', detail: id })
    const expiresAt = fromIso(expires)
    if (expiresAt <= api.clock.now())
      return problem(c, 400, { title: 'It would be over already', detail: expires })
    const { outcome } = api.submit({
      type: 'reservation-wanted',
      station: as<StationId>(id),
      evse,
      idToken: as<IdToken>(text),
      expiresAt,
      by: c.get('actor'),
    })
    return c.json(await outcome, 200)
  })
  app.openapi(routes.cancel, async (c) => {
    const { reservation } = c.req.valid('param')
    const { outcome } = api.submit({ type: 'reservation-cancelled', reservation, by: c.get('actor') })
    const answer = await outcome
    return answer === null
      ? problem(c, 404, { title: 'No such reservation', detail: String(reservation) })
      : c.json(answer, 200)
  })
}
