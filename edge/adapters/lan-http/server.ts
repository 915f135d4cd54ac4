import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import type { Duration } from '@busbar/units/time.ts'
import { getRequestListener } from '@hono/node-server'
import { createApp, type LanApi, siteView } from './app.ts'
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
  const server: Server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000 },
    getRequestListener(createApp(api, stream).fetch),
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
