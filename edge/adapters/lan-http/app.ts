import { LAN_API_VERSION, type SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { as, type VehicleId } from '@busbar/model/ids.ts'
import { percent, wattHours } from '@busbar/units/electricity.ts'
import { type Duration, fromIso, hours, later, toIso } from '@busbar/units/time.ts'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import { streamSSE } from 'hono/streaming'
import type { Departure, Submit } from '../../domain/inputs.ts'
import type { LiveSite, LiveStation, TrendSample } from '../../domain/live-site.ts'
import type { CloudLinkState } from '../../domain/ports/cloud-link.ts'
import type { DecisionLog } from '../../domain/ports/decision-log.ts'
import type { Warning } from '../../domain/ports/health-sink.ts'
import type { MessageLog } from '../../domain/ports/message-log.ts'
import type { Projections } from '../../domain/ports/projections.ts'
import type { Series } from '../../domain/ports/series.ts'
import { type AccessOptions, access, type Caller, refusalsTo } from './access.ts'
import { type AuthorizationApi, addAuthorization } from './authorization-routes.ts'
import { addCertificates, type Certificates } from './certificate-routes.ts'
import { addCommands } from './command-routes.ts'
import { addConformance, type ConformanceApi } from './conformance-routes.ts'
import { addDevices, type DeviceApi } from './device-routes.ts'
import { addDoubts, type DoubtApi } from './doubt-routes.ts'
import { addFiles, bringsImage, type FilesApi } from './file-routes.ts'
import type { LiveStream } from './live-stream.ts'
import { addManual, type ManualApi } from './manual-routes.ts'
import { addMessages } from './message-routes.ts'
import { addMeters, type MetersApi } from './meter-routes.ts'
import type { Metrics } from './metrics.ts'
import { addOcpp, type OcppApi } from './ocpp-routes.ts'
import { openApiDocument } from './openapi-document.ts'
import { badRequest, problem } from './problem.ts'
import { addRoster } from './roster-routes.ts'
import { routes } from './routes.ts'
import { addSeries } from './series-routes.ts'
import { serveFile } from './static-files.ts'
import { addWhy, type WhyApi } from './why-routes.ts'

export interface LanApi {
  readonly live: () => LiveSite
  readonly trend: () => readonly TrendSample[]
  readonly cloud: () => CloudLinkState
  readonly submit: Submit
  readonly projections: Projections
  readonly series: Series
  readonly messages: MessageLog
  /** Null where no station runs over TLS. */
  readonly certificates: Certificates | null
  readonly meters: MetersApi['meters']
  readonly manual: ManualApi['manual']
  readonly authorization: AuthorizationApi['authorization']
  readonly waiting: OcppApi['waiting']
  readonly conformance: ConformanceApi['conformance']
  readonly variables: DeviceApi['variables']
  readonly doubts: DoubtApi['doubts']
  readonly why: WhyApi['why']
  readonly files: FilesApi['files']
  readonly decisions: DecisionLog
  readonly stations: ReadonlySet<string>
  readonly stationViews: () => LiveStation[]
  readonly warnings: () => readonly Warning[]
  readonly metrics: Metrics
  readonly clock: Clock
  readonly access: AccessOptions
  readonly onError: (error: unknown) => void
  /** Folder of the built pages. */
  readonly pages: string
}

type App = OpenAPIHono<Caller>

/** The largest request body taken. */
const MAX_BODY_BYTES = 1024 * 1024
/** Pages that may follow the depot live; each costs every picture. */
const MOST_READERS = 64

/** The SiteView of the contract, from the control loop's picture and the cloud link. */
export const siteView = ({ live, cloud }: Pick<LanApi, 'live' | 'cloud'>): SiteView => ({
  version: LAN_API_VERSION,
  ...live(),
  cloud: cloudView(cloud()),
})

const cloudView = (state: CloudLinkState): SiteView['cloud'] => ({
  state: state.state,
  since: toIso(state.since),
  unsent: state.unsent,
  oldest_unsent_at: state.oldestUnsentAt === null ? null : toIso(state.oldestUnsentAt),
  reason: state.reason,
})

/** The depot's API on the LAN and its pages. */
export function createApp(api: LanApi, stream: LiveStream): App {
  const app: App = new OpenAPIHono<Caller>({
    defaultHook: (result, c) => (result.success ? undefined : badRequest(c, result.error)),
  })
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        frameAncestors: ["'none'"],
      },
      strictTransportSecurity: false,
    }),
  )
  const onRefused = refusalsTo(api)
  app.use(access(api.access, onRefused))
  const small = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: (c) => {
      c.header('connection', 'close')
      return problem(c, 413, { title: 'The request is too large', detail: `at most ${MAX_BODY_BYTES} bytes` })
    },
  })
  app.use((c, next) => (bringsImage(c.req.method, c.req.path) ? next() : small(c, next)))
  app.use('/api/*', onlyJson)
  app.notFound((c) => problem(c, 404, { title: 'Not found', detail: `${c.req.method} ${c.req.path}` }))
  app.onError((error, c) => {
    if ('status' in error && error.status === 400)
      return problem(c, 400, { title: 'The request does not fit', detail: messageOf(error) })
    api.onError(error)
    return error instanceof DepotError && error.code.startsWith('store.')
      ? problem(c, 503, {
          title: 'The store does not answer',
          detail: 'Whether this was kept is not known yet; send it again.',
        })
      : problem(c, 500, { title: 'The request failed' })
  })
  addReads(app, api)
  addSeries(app, api)
  addMessages(app, api)
  addCertificates(app, api)
  addMeters(app, api)
  addAuthorization(app, api)
  addOcpp(app, api)
  addFiles(app, api)
  addRoster(app, api)
  addConformance(app, api)
  addDevices(app, api)
  addDoubts(app, api)
  addManual(app, api)
  addWhy(app, api)
  addWrites(app, api)
  addCommands(app, api, onRefused)
  addLive(app, stream)
  addOperation(app, api)
  return app
}

/** What a page can send without asking (a form, plain text) is no request of ours. */
const onlyJson: MiddlewareHandler = async (c, next) => {
  const plain = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  const free = ['GET', 'HEAD', 'DELETE'].includes(c.req.method) || bringsImage(c.req.method, c.req.path)
  return free || plain === 'application/json' ? next() : problem(c, 415, { title: 'Send application/json' })
}

function addReads(app: App, api: LanApi): void {
  app.openapi(routes.site, (c) => c.json(siteView(api), 200))
  app.openapi(routes.trend, (c) =>
    c.json({ at: toIso(api.clock.now()), window_s: 900, points: [...api.trend()] }, 200),
  )
  app.openapi(routes.stations, (c) =>
    c.json({ at: toIso(api.clock.now()), stations: api.stationViews() }, 200),
  )
  app.openapi(routes.departures, (c) => c.json({ departures: api.live().departures }, 200))
  app.openapi(routes.transactions, async (c) => {
    const { from, to, limit } = c.req.valid('query')
    const now = api.clock.now()
    const window = {
      from: from ? fromIso(from) : later(now, -hours(24) as Duration),
      to: to ? fromIso(to) : now,
      limit,
    }
    const transactions = await api.projections.transactions(window)
    return c.json({ at: toIso(now), transactions: [...transactions] }, 200)
  })
}

function addWrites(app: App, api: LanApi): void {
  app.openapi(routes.putDepartures, async (c) => {
    const departures = c.req.valid('json').departures.map(toDeparture)
    const { outcome, durable } = api.submit({ type: 'departures-set', departures, by: c.get('actor') })
    await durable
    return c.json({ accepted: [...outcome.accepted], unknown: [...outcome.unknown] }, 200)
  })
}

const toDeparture = (request: {
  vehicle: string
  departure_at: string
  energy_needed_wh?: number | undefined
  soc_needed_pct?: number | undefined
}): Departure => ({
  vehicle: as<VehicleId>(request.vehicle),
  departureAt: fromIso(request.departure_at),
  energyNeededWh: request.energy_needed_wh === undefined ? null : wattHours(request.energy_needed_wh),
  socNeededPct: request.soc_needed_pct === undefined ? null : percent(request.soc_needed_pct),
})

function addLive(app: App, stream: LiveStream): void {
  app.openAPIRegistry.registerPath(routes.live)
  app.get('/api/v1/live', (c) => {
    if (stream.readers >= MOST_READERS)
      return problem(c, 503, { title: 'Too many readers', detail: `at most ${MOST_READERS} at a time` })
    return streamSSE(c, async (sse) => {
      let latest: string | undefined
      let wake = Promise.withResolvers<void>()
      const leave = stream.listen((picture) => {
        // A page that reads slowly gets the newest picture, not all of them.
        latest = picture
        wake.resolve()
      })
      sse.onAbort(() => wake.resolve())
      while (!sse.aborted) {
        const data = latest
        latest = undefined
        if (data !== undefined) await sse.writeSSE({ event: 'site', data })
        if (latest === undefined) await wake.promise
        wake = Promise.withResolvers<void>()
      }
      leave()
    })
  })
}

function addOperation(app: App, api: LanApi): void {
  app.openAPIRegistry.registerPath(routes.health)
  app.openAPIRegistry.registerPath(routes.metrics)
  app.get('/health', (c) => {
    const warnings = api.warnings()
    const failing = warnings.some(({ severity }) => severity === 1)
    return c.json(
      {
        status: failing ? 'fail' : warnings.length > 0 ? 'warn' : 'pass',
        at: toIso(api.clock.now()),
        startup: api.live().startup,
        warnings,
      },
      failing ? 503 : 200,
    )
  })
  app.get('/metrics', async (c) =>
    c.body(await api.metrics.metrics(), 200, { 'content-type': api.metrics.contentType }),
  )
  let document: ReturnType<typeof openApiDocument> | undefined
  app.get('/api/v1/openapi.json', (c) => {
    document ??= openApiDocument(app, String(LAN_API_VERSION))
    return c.json(document)
  })
  app.get('/api/*', (c) => c.notFound())
  app.get('/*', (c) => serveFile(api.pages, c.req.path))
}
