import { createServer, type Server, type Socket } from 'node:net'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { MeterLine } from './meter-line.ts'

/** The line behind a network address. */
export class SocketServer {
  readonly #line: MeterLine
  readonly #host: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #port: number

  constructor(line: MeterLine, { host, port }: { readonly host: string; readonly port: number }) {
    this.#line = line
    this.#host = host
    this.#port = port
    this.#server = createServer((socket) => this.#serve(socket))
  }

  get port(): number {
    return this.#port
  }

  /** @throws DepotError `simulator.meter-port` when it cannot listen there */
  open(): Promise<void> {
    if (this.#server.listening) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) =>
        reject(
          new DepotError(
            'simulator.meter-port',
            `virtual meter on ${this.#host}:${this.#port}: ${cause.message}`,
            { cause },
          ),
        )
      this.#server.once('error', fail)
      this.#server.listen(this.#port, this.#host, () => {
        this.#server.off('error', fail)
        const address = this.#server.address()
        if (typeof address === 'object' && address) this.#port = address.port
        resolve()
      })
    })
  }

  /** Cuts every connection and takes no new one. */
  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) =>
      this.#server.listening ? this.#server.close(() => resolve()) : resolve(),
    )
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    const { receive, gone } = this.#line.connect({
      write: (bytes) => void (socket.destroyed || socket.write(bytes)),
      end: () => void socket.end(),
      reset: () => void socket.resetAndDestroy(),
    })
    socket.on('data', receive)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#sockets.delete(socket)
      gone()
    })
  }
}
