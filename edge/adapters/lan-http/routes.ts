import { DeparturesAnswer, PutDepartures } from '@busbar/contracts/lan-api/departures.ts'
import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import { SiteView, TrendView } from '@busbar/contracts/lan-api/site-view.ts'
import { StationsView } from '@busbar/contracts/lan-api/stations.ts'
import { TransactionsView } from '@busbar/contracts/lan-api/transactions.ts'
import { createRoute, z } from '@hono/zod-openapi'

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
  413: failed('The request is too large'),
  415: failed('Only application/json is taken'),
}

/** `GET /health`: `fail` (503) with a warning of severity 1, `warn` with any other. */
const Health = z.object({
  status: z.enum(['pass', 'warn', 'fail']),
  at: z.iso.datetime(),
  startup: SiteView.shape.startup,
  warnings: z.array(z.object({ code: z.string(), severity: z.int().min(1).max(4), text: z.string() })),
})

/** Every documented route of the LAN API. */
export const routes = {
  site: createRoute({
    method: 'get',
    path: '/api/v1/site',
    responses: { 200: json(SiteView, 'The site now') },
  }),
  stations: createRoute({
    method: 'get',
    path: '/api/v1/stations',
    responses: {
      200: json(StationsView, 'Every station: what it says of itself, and whether it is in contact'),
    },
  }),
  trend: createRoute({
    method: 'get',
    path: '/api/v1/site/trend',
    responses: { 200: json(TrendView, 'The last 15 minutes') },
  }),
  departures: createRoute({
    method: 'get',
    path: '/api/v1/departures',
    responses: {
      200: json(z.object({ departures: SiteView.shape.departures }), 'Departures to come, soonest first'),
    },
  }),
  putDepartures: createRoute({
    method: 'put',
    path: '/api/v1/departures',
    request: { body: { required: true, content: { 'application/json': { schema: PutDepartures } } } },
    responses: { 200: json(DeparturesAnswer, 'Stored; vehicles nobody knows are named'), ...writing },
  }),
  transactions: createRoute({
    method: 'get',
    path: '/api/v1/transactions',
    request: {
      query: z.object({
        from: z.iso.datetime({ offset: true }).optional(),
        to: z.iso.datetime({ offset: true }).optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
    },
    responses: {
      200: json(TransactionsView, 'Transactions that ran in the window, newest first'),
      400: writing[400],
    },
  }),
  live: createRoute({
    method: 'get',
    path: '/api/v1/live',
    responses: {
      200: {
        description: 'Server-sent events named `site`, each a whole SiteView; at once, and on change',
        content: { 'text/event-stream': { schema: SiteView } },
      },
      503: failed('Too many read already'),
    },
  }),
  health: createRoute({
    method: 'get',
    path: '/health',
    responses: { 200: json(Health, 'The depot runs'), 503: json(Health, 'It does not do its work') },
  }),
  metrics: createRoute({
    method: 'get',
    path: '/metrics',
    responses: {
      200: { description: 'Prometheus metrics', content: { 'text/plain': { schema: z.string() } } },
    },
  }),
}
