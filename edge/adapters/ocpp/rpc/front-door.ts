import { constants } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import { createServer as createSecureServer, Server as SecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import type { Clock, Timer } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { TransportLimits } from './transport-limits.ts'

/** Why a connection is refused: `status` and nothing more goes outside. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 409 | 503
  readonly reason: string
}

/** What the door shows of itself over TLS, and whose client certificates it believes. PEM everywhere. */
export interface DoorIdentity {
  readonly certificate: string
  readonly key: string
  readonly roots: readonly string[]
  readonly revocationLists: readonly string[]
}

export interface FrontDoorOptions {
  readonly listen: { readonly host: string; readonly port: number }
  /** Null: plain WebSocket. */
  readonly identity: DoorIdentity | null
  readonly clock: Clock
  readonly limits: TransportLimits
  /** Decides about an upgrade request; it must end in `refuse`, in a WebSocket, or in the handshake's deadline. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
}

/** The listener that stations reach: only well-formed upgrade requests pass, and none may dawdle. */
export class FrontDoor {
  readonly #options: FrontDoorOptions
  readonly #server: Server | SecureServer
  /** Sockets without a finished handshake by the address of their other end, oldest first. */
  readonly #pending = new Map<string, { readonly socket: Socket; readonly timer: Timer }>()

  constructor(options: FrontDoorOptions) {
    this.#options = options
    this.#server = serverFor(options.identity)
    this.#server.on('connection', (socket) => this.#hold(socket))
    this.#server.on('clientError', (_error, socket) => socket.destroy())
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy())
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

  /** Shows and believes this from the next connection on; those that stand are not touched. */
  secure(identity: DoorIdentity): void {
    if (this.#server instanceof SecureServer) this.#server.setSecureContext(contextOf(identity))
  }

  address(): { host: string; port: number } {
    const address: AddressInfo | string | null = this.#server.address()
    if (address === null || typeof address === 'string')
      throw new DepotError('ocpp.not-listening', 'The CSMS is not listening')
    return { host: address.address, port: address.port }
  }

  /** Takes no more connections and drops those whose handshake is not done. */
  close(): Promise<void> {
    for (const { socket } of [...this.#pending.values()]) socket.destroy()
    if (!this.#server.listening) return Promise.resolve()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  /** The handshake is done. */
  passed(socket: Duplex): void {
    this.#release(farEnd(socket))
  }

  #hold(socket: Socket): void {
    const { clock, limits } = this.#options
    const end = farEnd(socket)
    this.#pending.set(end, { socket, timer: clock.timer(limits.handshake, () => socket.destroy()) })
    socket.once('close', () => this.#release(end))
    if (this.#pending.size <= limits.openHandshakes) return
    const oldest = this.#pending.values().next()
    if (!oldest.done) oldest.value.socket.destroy()
  }

  #release(end: string): void {
    this.#pending.get(end)?.timer.cancel()
    this.#pending.delete(end)
  }
}

/** The same for a TCP socket and the TLS one on it. */
const farEnd = (socket: Duplex): string => {
  const { remoteAddress, remotePort } = socket as Socket
  return `${remoteAddress} ${remotePort}`
}

const contextOf = (identity: DoorIdentity): SecureContextOptions => ({
  cert: identity.certificate,
  key: identity.key,
  ca: [...identity.roots],
  crl: [...identity.revocationLists],
  minVersion: 'TLSv1.2',
  // A resumed session brings no certificate: one revoked since would go on being believed.
  secureOptions: constants.SSL_OP_NO_TICKET,
})

/** Over TLS everybody is asked for a certificate and nobody refused for one: admission tells each fault apart. */
function serverFor(identity: DoorIdentity | null): Server | SecureServer {
  const page = (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(404, { connection: 'close' }).end()
  }
  return identity === null
    ? createServer(page)
    : createSecureServer({ ...contextOf(identity), requestCert: true, rejectUnauthorized: false }, page)
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
