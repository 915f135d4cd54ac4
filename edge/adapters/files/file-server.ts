import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, Server as SecureServer } from 'node:https'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { boundaryOf, fileInForm } from './form-file.ts'

/** What the server shows of itself over TLS, PEM. */
export interface ServerIdentity {
  readonly certificate: string
  readonly key: string
}

/** What a station asks for, and what becomes of it. */
export interface FileDesk {
  /** Null: this token is good for nothing. */
  wayOf(token: string): 'upload' | 'download' | null
  /** @throws DepotError `files.gone`, `files.too-large`, `files.no-room`; the station may try again */
  receive(
    token: string,
    upload: {
      /** Bytes that are to come, at most; null where the station does not tell. */
      readonly length: number | null
      file(): Promise<{ readonly name: string; readonly content: AsyncIterable<Uint8Array> }>
    },
  ): Promise<void>
  /** @throws DepotError `files.gone` */
  offer(token: string): {
    readonly bytes: number
    readonly name: string
    /** Opened by whoever reads it, not before. */
    readonly content: AsyncIterable<Uint8Array>
  }
  /** The transfer that `offer` began is over. */
  fetched(token: string, whole: boolean): Promise<void>
}

export interface FileServerOptions {
  readonly listen: { readonly host: string; readonly port: number }
  /** Null: plain HTTP. */
  readonly identity: ServerIdentity | null
  readonly desk: FileDesk
  readonly onError: (error: unknown) => void
}

const PATH = /^\/files\/([A-Za-z0-9_-]{43})(?:\/([^/?#]{0,255}))?\/?$/
const STATUS = new Map([
  ['files.gone', 404],
  ['files.broken', 400],
  ['files.too-large', 413],
  ['files.no-room', 507],
])
/** Real milliseconds in which a transfer must move on. */
const IDLE_MS = 60_000

/** A listener for stations that hold an address of this depot; to anybody else there is nothing here. */
export class FileServer {
  readonly #options: FileServerOptions
  readonly #server: Server | SecureServer

  constructor(options: FileServerOptions) {
    this.#options = options
    const { identity } = options
    // A big file on a slow line takes as long as it takes; one that stands still is cut.
    const limits = { requestTimeout: 0, headersTimeout: 10_000 }
    const answer = (request: IncomingMessage, response: ServerResponse) =>
      void this.#answer(request, response)
    this.#server =
      identity === null
        ? createServer(limits, answer)
        : createSecureServer({ ...limits, ...contextOf(identity) }, answer)
    this.#server.maxConnections = 64
    this.#server.setTimeout(IDLE_MS, (socket) => socket.destroy())
    this.#server.on('clientError', (_error, socket) => socket.destroy())
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy())
  }

  /** @throws DepotError `files.listen` */
  async start(): Promise<void> {
    const { host, port } = this.#options.listen
    this.#server.listen(port, host)
    await once(this.#server, 'listening').catch((cause: unknown) => {
      throw new DepotError('files.listen', `cannot listen on ${host}:${port}: ${messageOf(cause)}`, { cause })
    })
    this.#server.on('error', this.#options.onError)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    if (this.#server.listening) await new Promise((done) => this.#server.close(done))
  }

  get port(): number {
    const bound = this.#server.address()
    return bound !== null && typeof bound === 'object' ? bound.port : this.#options.listen.port
  }

  /** Shows this from the next connection on. */
  secure(identity: ServerIdentity): void {
    if (this.#server instanceof SecureServer) this.#server.setSecureContext(contextOf(identity))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, token, name] = PATH.exec(request.url ?? '') ?? []
    const way = token === undefined ? null : this.#options.desk.wayOf(token)
    try {
      if (token === undefined || way === null) end(request, response, 404)
      else if (way === 'upload') await this.#upload(token, name, { request, response })
      else await this.#download(token, { request, response })
    } catch (error) {
      const status = error instanceof DepotError ? STATUS.get(error.code) : undefined
      if (status === undefined && !request.destroyed) this.#options.onError(error)
      end(request, response, status ?? 500)
    }
  }

  async #upload(token: string, name: string | undefined, { request, response }: Exchange): Promise<void> {
    if (request.method !== 'PUT' && request.method !== 'POST') return end(request, response, 405)
    const declared = Number(request.headers['content-length'] ?? Number.NaN)
    const boundary = boundaryOf(request.headers['content-type'])
    const told = nameIn(request.headers['content-disposition']) ?? readable(name)
    await this.#options.desk.receive(token, {
      length: Number.isSafeInteger(declared) ? declared : null,
      file: async () => {
        if (boundary === null) return { name: told ?? '', content: request }
        const form = await fileInForm(request, boundary)
        return { name: readable(form.name ?? undefined) ?? told ?? '', content: form.content }
      },
    })
    end(request, response, 201)
  }

  async #download(token: string, { request, response }: Exchange): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(request, response, 405)
    const { desk } = this.#options
    const { bytes, name, content } = desk.offer(token)
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': bytes,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
      connection: 'close',
    })
    if (request.method === 'HEAD') {
      response.end()
      return desk.fetched(token, false)
    }
    let taken = 0
    try {
      taken = await sent(content, response)
    } finally {
      // Whatever went wrong, the address is free again.
      await desk.fetched(token, taken === bytes)
    }
  }
}

/** How many bytes the other end's line has taken; a station that has all may hang up before we do. */
async function sent(content: AsyncIterable<Uint8Array>, response: ServerResponse): Promise<number> {
  let bytes = 0
  const closed = once(response, 'close').then(() => 'closed' as const)
  try {
    for await (const piece of content) {
      const taken = new Promise<Error | null | undefined>((done) => response.write(piece, done))
      const outcome = await Promise.race([taken, closed])
      if (outcome) break
      bytes += piece.byteLength
    }
  } finally {
    response.end()
  }
  return bytes
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

const contextOf = ({ certificate, key }: ServerIdentity) =>
  ({ cert: certificate, key, minVersion: 'TLSv1.2' }) as const

/** Answers with nothing but a status, and takes no more of what is still coming. */
function end(request: IncomingMessage, response: ServerResponse, status: number): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.once('finish', () => {
    if (!request.complete) request.destroy()
  })
  response.writeHead(status, { 'content-length': 0, connection: 'close' }).end()
}

const nameIn = (header: string | undefined): string | undefined =>
  readable(/filename="?([^";]{1,255})/i.exec(header ?? '')?.[1])

/** A name for the eye: it is never a path here. */
function readable(name: string | undefined): string | undefined {
  if (name === undefined || name === '') return undefined
  const plain = unescaped(name).replaceAll(/[^\p{L}\p{N}._ -]/gu, '_')
  return plain.slice(0, 100)
}

function unescaped(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch (error) {
    if (error instanceof URIError) return name
    throw error
  }
}
