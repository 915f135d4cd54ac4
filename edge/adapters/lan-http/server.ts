import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Clock } from '@busbar/model/clock.ts'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { type Duration, seconds } from '@busbar/units/time.ts'
import { getRequestListener } from '@hono/node-server'
import { createApp, type LanApi, siteView } from './app.ts'
import { bringsImage } from './file-routes.ts'
import { LiveStream } from './live-stream.ts'

export interface LanHttp {
  /** @throws DepotError `http.listen` */
  start(): Promise<void>
  stop(): Promise<void>
  /** `http://HOST:PORT` */
  address(): string
  /** Tells the live readers that something changed. */
  changed(): void
}

/** Real milliseconds in which even a firmware image has come. */
const LONGEST_MS = 1_800_000
/** In which any other request has come whole. */
const SHORT = seconds(30)

function hurry(request: IncomingMessage, clock: Clock): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const timer = clock.timer(SHORT, () => {
    if (!request.complete) request.destroy()
  })
  request.once('close', () => timer.cancel())
}

/** Serves the LAN API, the live stream and the pages. */
export function createLanHttp(options: {
  listen: { host: string; port: number }
  liveSpacing: Duration
  api: LanApi
}): LanHttp {
  const { listen, api } = options
  const stream = new LiveStream({
    clock: api.clock,
    spacing: options.liveSpacing,
    picture: () => siteView(api),
  })
  const answer = getRequestListener(createApp(api, stream).fetch)
  const server: Server = createServer(
    { requestTimeout: LONGEST_MS, headersTimeout: 10_000 },
    (request, response) => {
      if (!bringsImage(request.method ?? '', request.url?.split('?')[0] ?? '')) hurry(request, api.clock)
      void answer(request, response)
    },
  )
  return {
    async start() {
      server.listen(listen.port, listen.host)
      await once(server, 'listening').catch((error: unknown) => {
        throw new DepotError('http.listen', `${listen.host}:${listen.port}: ${messageOf(error)}`, {
          cause: error,
        })
      })
      server.on('error', api.onError)
    },
    async stop() {
      stream.stop()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
    address() {
      const bound = server.address()
      return `http://${listen.host}:${bound !== null && typeof bound === 'object' ? bound.port : listen.port}`
    },
    changed: () => stream.changed(),
  }
}
