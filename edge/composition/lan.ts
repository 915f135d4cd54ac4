import { fileURLToPath } from 'node:url'
import { messageOf } from '@busbar/model/depot-error.ts'
import type { StationId } from '@busbar/model/ids.ts'
import { milliseconds } from '@busbar/units/time.ts'
import type { Health } from '../adapters/host/health.ts'
import { siteMetrics } from '../adapters/lan-http/metrics.ts'
import { createLanHttp, type LanHttp } from '../adapters/lan-http/server.ts'
import type { SqliteStore } from '../adapters/sqlite/sqlite-store.ts'
import { isLoopback } from '../config/cross-faults.ts'
import type { CertificateDesk } from '../control/certificates/certificate-desk.ts'
import { conformanceOnDesk, previewConformance } from '../control/conformance/desk.ts'
import type { Control } from '../control/control.ts'
import { stationDesk } from '../control/live/authorization-view.ts'
import { metersOnDesk, reportOnDesk } from '../control/meters/meter-desk.ts'
import { firmwareImages, inboxFiles } from '../domain/file-records.ts'
import type { CloudLink } from '../domain/ports/cloud-link.ts'
import type { MeterBench } from '../domain/ports/meter-bench.ts'
import type { FileRoom } from '../domain/ports/station-files.ts'
import type { Parts } from './parts.ts'
import type { Roster } from './roster.ts'

const PAGES = fileURLToPath(new URL('../lan-ui/dist', import.meta.url))
/** Real time between two pictures on the live stream. */
const LIVE_SPACING_MS = 250

export async function startLan(
  of: Parts & {
    store: SqliteStore
    health: Health
    cloud: CloudLink
    bench: MeterBench
    scale: number
    certificates: CertificateDesk | null
    files: FileRoom | null
    roster: Roster
  },
): Promise<LanHttp> {
  const { loaded, clock, log, control, store, health, cloud } = of
  const { lan_http: lan } = loaded.config
  const tokens = await Promise.all(
    lan.tokens.map(async (token) => ({ ...token, sha256: (await loaded.secret(token.secret)).sha256 })),
  )
  const http = createLanHttp({
    listen: lan.listen,
    liveSpacing: milliseconds(LIVE_SPACING_MS * of.scale),
    api: {
      live: control.live,
      trend: control.trend,
      cloud: () => cloud.state(),
      submit: control.submit,
      projections: store.projections,
      series: store.series,
      messages: store.messages,
      certificates: of.certificates,
      files: filesOnDesk(control, of.files),
      meters: {
        list: () => metersOnDesk(control.depot),
        report: (meter) => reportOnDesk(control.depot, meter),
        bench: of.bench,
      },
      ...explaining(control, store),
      ...stationsOf(control),
      stations: of.roster.names,
      stationViews: control.stations,
      warnings: () => health.warnings(),
      metrics: metricsOf(of),
      clock,
      access: {
        tokens,
        local: isLoopback(lan.listen.host),
        open: lan.allow_unauthenticated_writes,
        names: [lan.listen.host, ...lan.names],
      },
      onError: (error) =>
        log.error({ 'event.name': 'http.failed', 'exception.message': messageOf(error) }, 'a request failed'),
      pages: PAGES,
    },
  })
  await http.start()
  control.onDecision(() => http.changed())
  return http
}

const metricsOf = (of: Pick<Parts, 'control'> & { store: SqliteStore; health: Health; cloud: CloudLink }) =>
  siteMetrics({
    live: of.control.live,
    backlog: () => of.store.backlog(),
    unsent: () => of.cloud.state().unsent,
    warnings: () => of.health.warnings().length,
    decisionMs: of.control.decisionMs,
  })

const filesOnDesk = ({ depot }: Control, room: FileRoom | null) => ({
  room,
  inbox: () => depot.memory.table(inboxFiles).values(),
  images: () => depot.memory.table(firmwareImages).values(),
})

/** Why, what stands by hand, and the decisions behind both. */
const explaining = (control: Control, { decisions }: SqliteStore) => ({
  manual: { list: control.manual, preview: control.preview },
  why: control.why,
  decisions,
})

/** What is arranged with stations, and tests of them: what they found, and what one would do. */
const stationsOf = ({ depot }: Control) => ({
  ...stationDesk(depot),
  conformance: {
    view: (station: StationId) => conformanceOnDesk(depot, station),
    preview: (of: Parameters<typeof previewConformance>[1]) => previewConformance(depot, of),
  },
})
