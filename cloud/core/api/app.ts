import { type DepotFact, FactsPage, TransactionsPage } from '@busbar/contracts/cloud-api/depot-history.ts'
import { DepotView, FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { Problem } from '@busbar/contracts/lan-api/problem.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { type Instant, toIso } from '@busbar/units/time.ts'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import type { TransactionRow } from '../domain/fleet/transactions.ts'
import type { FleetStore, StoredFactRow } from '../domain/ports/fleet-store.ts'
import { type AccessOptions, guard } from './access.ts'
import type { FleetSource, LiveFleet } from './live-fleet.ts'
import { PROBLEM_TYPE, problem, problemBody } from './problem.ts'
import { serveFile } from './static-files.ts'

export interface ApiOptions {
  readonly fleet: FleetSource & {
    depotView(id: string): DepotView | null
    currentEpoch(id: string): { readonly epoch: string } | null
  }
  readonly live: LiveFleet
  readonly store: FleetStore
  readonly clock: Clock
  readonly access: AccessOptions
  readonly metrics: () => Promise<{ readonly text: string; readonly contentType: string }>
  readonly onError: (error: unknown) => void
  /** Folder of the built dashboard. */
  readonly pages: string
}

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const notFound = {
  description: 'No such depot',
  content: { 'application/problem+json': { schema: Problem } },
}
const depot = z.object({ id: z.string().max(63) })
const limit = z.coerce.number().int().min(1).max(1000)

const routes = {
  fleet: createRoute({
    method: 'get',
    path: '/api/v1/fleet',
    responses: { 200: json(FleetView, 'Every depot now') },
  }),
  depots: createRoute({
    method: 'get',
    path: '/api/v1/depots',
    responses: {
      200: json(z.object({ at: z.iso.datetime(), depots: z.array(DepotView) }), 'Every depot now'),
    },
  }),
  depot: createRoute({
    method: 'get',
    path: '/api/v1/depots/{id}',
    request: { params: depot },
    responses: { 200: json(DepotView, 'One depot now'), 404: notFound },
  }),
  transactions: createRoute({
    method: 'get',
    path: '/api/v1/depots/{id}/transactions',
    request: { params: depot, query: z.object({ limit: limit.default(100) }) },
    responses: { 200: json(TransactionsPage, 'Transactions, newest first'), 404: notFound },
  }),
  facts: createRoute({
    method: 'get',
    path: '/api/v1/depots/{id}/facts',
    request: {
      params: depot,
      query: z.object({ after: z.coerce.number().int().min(0).default(0), limit: limit.default(100) }),
    },
    responses: { 200: json(FactsPage, 'Committed facts of the current epoch, in order'), 404: notFound },
  }),
}

/** The fleet cloud's HTTP API and pages. */
export function createApp(options: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return undefined
      const errors = result.error.issues.map(({ path, message }) => ({
        at: path.join('.'),
        expected: message,
      }))
      return problem(400, 'the request has wrong parameters', errors)
    },
  })
  app.use(guard(options.access))
  app.onError((error) => {
    options.onError(error)
    const away = error instanceof DepotError && error.code === 'store.unavailable'
    return away ? problem(503, 'the database does not answer, try again') : problem(500, 'the request failed')
  })
  addFleetRoutes(app, options)
  addHistoryRoutes(app, options)
  addOperationRoutes(app, options)
  app.doc31('/api/v1/openapi.json', { openapi: '3.1.0', info: { title: 'Busbar fleet cloud', version: '1' } })
  app.all('/api/*', (c) => problem(404, `no resource ${c.req.path}`))
  app.get('/*', (c) => serveFile(options.pages, c.req.path))
  return app
}

function addFleetRoutes(app: OpenAPIHono, { fleet, live }: ApiOptions): void {
  const view = async () => {
    await fleet.refresh()
    return fleet.view()
  }
  app.openapi(routes.fleet, async (c) => c.json(await view(), 200))
  app.openapi(routes.depots, async (c) => {
    const { at, depots } = await view()
    return c.json({ at, depots }, 200)
  })
  app.openapi(routes.depot, async (c) => {
    await fleet.refresh()
    const found = fleet.depotView(c.req.valid('param').id)
    return found ? c.json(found, 200) : c.json(noDepot(c.req.valid('param').id), 404, PROBLEM_TYPE)
  })
  app.get('/api/v1/fleet/live', (c) =>
    streamSSE(c, async (stream) => {
      let latest: string | null | undefined = await live.now()
      let wake = Promise.withResolvers<void>()
      const leave = live.listen((text) => {
        // A page that reads slowly gets the newest view, not all of them.
        latest = text ?? latest ?? null
        wake.resolve()
      })
      stream.onAbort(() => wake.resolve())
      while (!stream.aborted && latest !== '') {
        const text: string | null | undefined = latest
        latest = undefined
        if (text === null) await stream.write(': \n\n')
        else if (text !== undefined) await stream.writeSSE({ event: 'fleet', data: text })
        if (latest === undefined) await wake.promise
        wake = Promise.withResolvers<void>()
      }
      leave()
    }),
  )
}

function addHistoryRoutes(app: OpenAPIHono, { fleet, store, clock }: ApiOptions): void {
  app.openapi(routes.transactions, async (c) => {
    const { id } = c.req.valid('param')
    if (!fleet.depotView(id)) return c.json(noDepot(id), 404, PROBLEM_TYPE)
    const rows = await store.transactions(id, c.req.valid('query').limit)
    return c.json({ depot: id, at: toIso(clock.now()), transactions: rows.map(showTransaction) }, 200)
  })
  app.openapi(routes.facts, async (c) => {
    const { id } = c.req.valid('param')
    const page = c.req.valid('query')
    if (!fleet.depotView(id)) return c.json(noDepot(id), 404, PROBLEM_TYPE)
    const epoch = fleet.currentEpoch(id)?.epoch ?? null
    const rows = epoch === null ? [] : await store.facts(id, epoch, page)
    const next_after = rows.length === page.limit ? (rows.at(-1)?.seq ?? null) : null
    return c.json({ depot: id, epoch, facts: rows.map((row) => showFact(row, epoch ?? '')), next_after }, 200)
  })
}

function addOperationRoutes(app: OpenAPIHono, { store, metrics }: ApiOptions): void {
  app.get('/health', async (c) => {
    try {
      await store.ping()
      return c.json({ status: 'pass', checks: { database: 'pass' } }, 200)
    } catch (error) {
      return c.json({ status: 'fail', checks: { database: messageOf(error) } }, 503)
    }
  })
  app.get('/metrics', async () => {
    const { text, contentType } = await metrics()
    return new Response(text, { headers: { 'content-type': contentType } })
  })
}

const noDepot = (id: string): Problem => problemBody(404, `no depot ${id}`)
const iso = (at: Instant | null): string | null => (at === null ? null : toIso(at))

const showTransaction = (row: TransactionRow): z.infer<typeof TransactionsPage>['transactions'][number] => ({
  transaction: row.transaction,
  station: row.station,
  evse: row.evse,
  vehicle: row.vehicle,
  id_token: row.idToken,
  started_at: iso(row.startedAt),
  ended_at: iso(row.endedAt),
  energy_wh: row.energyWh,
  soc_pct: row.socPct,
  reason: row.reason,
  incomplete: row.incomplete,
})

const showFact = (row: StoredFactRow, epoch: string): DepotFact => ({
  epoch,
  seq: row.seq,
  type: row.type,
  occurred_at: toIso(row.occurredAt),
  recorded_at: toIso(row.recordedAt),
  hash: row.hash,
  record: row.line,
})
