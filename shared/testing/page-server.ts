import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

interface PageServerSetting {
  /** Folder of the built page. */
  readonly dist: string
  /** Answers to GET, by path; each is asked for anew. */
  readonly answers: Readonly<Record<string, () => unknown>>
  /** Path of the event stream. */
  readonly stream: string
}

/** Serves one built page under the product's content security policy, with canned API answers and a live stream. */
export class PageServer {
  readonly #setting: PageServerSetting
  readonly #streams = new Set<ServerResponse>()
  readonly #server: Server
  #down = false
  #opened = 0

  constructor(setting: PageServerSetting) {
    this.#setting = setting
    this.#server = createServer((request, response) => void this.#answer(request.url ?? '/', response))
  }

  /** Listens on a free loopback port; resolves to its origin. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  }

  async stop(): Promise<void> {
    this.cut()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  /** Number of event streams opened so far. */
  get opened(): number {
    return this.#opened
  }

  /** Sends an event to every open stream. */
  send(event: string, value: unknown): void {
    for (const stream of this.#streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`)
  }

  /** Breaks every stream and refuses the API until `restore`. */
  cut(): void {
    this.#down = true
    for (const stream of this.#streams) stream.destroy()
    this.#streams.clear()
  }

  restore(): void {
    this.#down = false
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    const path = new URL(url, 'http://page').pathname
    const answer = this.#setting.answers[path]
    if (this.#down && (answer || path === this.#setting.stream)) return void response.destroy()
    if (path === this.#setting.stream) return this.#open(response)
    if (answer)
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(answer()))
    await this.#file(path === '/' ? '/index.html' : path, response)
  }

  #open(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.flushHeaders()
    this.#streams.add(response)
    this.#opened += 1
    response.on('close', () => this.#streams.delete(response))
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    response.setHeader('content-security-policy', "default-src 'self'; style-src 'self' 'unsafe-inline'")
    response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream')
    try {
      response.end(await readFile(join(this.#setting.dist, normalize(path))))
    } catch {
      response.writeHead(404).end()
    }
  }
}
