import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock, Timer } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { TransportLimits } from './transport-limits.ts'

/** Why a connection is refused: `status` and nothing more goes outside. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 409 | 503
  readonly reason: string
}

export interface FrontDoorOptions {
  readonly listen: { readonly host: string; readonly port: number }
  readonly clock: Clock
  readonly limits: TransportLimits
  /** Decides about an upgrade request; it must end in `refuse`, in a WebSocket, or in the handshake's deadline. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** The listener that stations reach: only well-formed upgrade requests pass, and none may dawdle. */
export class FrontDoor {
  readonly #options: FrontDoorOptions
  readonly #server: Server
  /** Sockets without a finished handshake, oldest first. */
  readonly #pending = new Map<Duplex, Timer>()

  constructor(options: FrontDoorOptions) {
    this.#options = options
    this.#server = createServer((_request, response) => {
      response.writeHead(404, { connection: 'close' }).end()
    })
    this.#server.on('connection', (socket) => this.#hold(socket))
    this.#server.on('clientError', (_error, socket) => socket.destroy())
    this.#server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy())
      options.onUpgrade(request, socket, head)
    })
  }

  async open(): Promise<void> {
    const { host, port } = this.#options.listen
    await new Promise<void>((resolve, reject) => {
      const failed = (cause: Error) =>
        reject(new DepotError('ocpp.listen', `cannot listen on ${host}:${port}: ${cause.message}`, { cause }))
      this.#server.once('error', failed)
      this.#server.listen(port, host, () => {
        this.#server.off('error', failed)
        resolve()
      })
    })
  }

  address(): { host: string; port: number } {
    const address: AddressInfo | string | null = this.#server.address()
    if (address === null || typeof address === 'string')
      throw new DepotError('ocpp.not-listening', 'The CSMS is not listening')
    return { host: address.address, port: address.port }
  }

  /** Takes no more connections and drops those whose handshake is not done. */
  close(): Promise<void> {
    for (const socket of [...this.#pending.keys()]) socket.destroy()
    if (!this.#server.listening) return Promise.resolve()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  /** The handshake is done. */
  passed(socket: Duplex): void {
    this.#pending.get(socket)?.cancel()
    this.#pending.delete(socket)
  }

  #hold(socket: Socket): void {
    const { clock, limits } = this.#options
    this.#pending.set(
      socket,
      clock.timer(limits.handshake, () => socket.destroy()),
    )
    socket.once('close', () => this.passed(socket))
    if (this.#pending.size <= limits.openHandshakes) return
    const oldest = this.#pending.keys().next()
    if (!oldest.done) oldest.value.destroy()
  }
}

/** Answers an upgrade request with an HTTP status and closes. */
export function refuse(socket: Duplex, { status }: Refusal): void {
  const text = STATUS_CODES[status] ?? ''
  const challenge = status === 401 ? ['WWW-Authenticate: Basic realm="ocpp", charset="UTF-8"'] : []
  const head = [
    `HTTP/1.1 ${status} ${text}`,
    ...challenge,
    'Connection: close',
    'Content-Type: text/plain',
    `Content-Length: ${text.length}`,
  ]
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
}
