import { Socket } from 'node:net'
import { messageOf } from '@busbar/model/depot-error.ts'
import type modbus from 'modbus-serial'
import type { SerialEndpoint, SocketEndpoint } from './endpoint.ts'

type Modbus = InstanceType<typeof modbus.default>

/** What a wire tells while it lives. */
export interface WireEvents {
  opened(): void
  /** Why the end, which follows, came. */
  failed(reason: string): void
  ended(): void
  heard(bytes: Buffer): void
}

/** One physical connection under modbus-serial. */
export interface Wire {
  open(events: WireEvents): void
  /** Forgets every byte that came in; answers false when that can no longer be done. */
  forget(): Promise<boolean>
  destroy(): void
}

/** Sockets are our own, because the library reports neither a reset nor a connection that failed half-way. */
export class SocketWire implements Wire {
  readonly #modbus: Modbus
  readonly #endpoint: SocketEndpoint
  readonly #socket = new Socket()

  constructor(modbus: Modbus, endpoint: SocketEndpoint) {
    this.#modbus = modbus
    this.#endpoint = endpoint
  }

  open(events: WireEvents): void {
    const { kind, host, port } = this.#endpoint
    this.#socket.on('error', (error) => events.failed(messageOf(error)))
    this.#socket.on('close', () => events.ended())
    this.#socket.on('data', (bytes: Buffer) => events.heard(bytes))
    this.#socket.once('connect', () => {
      this.#socket.setNoDelay(true)
      const options = { port, socket: this.#socket }
      if (kind === 'tcp') this.#modbus.connectTCP(host, options, () => events.opened())
      else this.#modbus.connectTelnet(host, options, () => events.opened())
    })
    this.#socket.connect(port, host)
  }

  forget(): Promise<boolean> {
    // Answers over Modbus TCP are told apart by their numbers; there is nothing to forget.
    return Promise.resolve(this.#endpoint.kind === 'tcp' || emptyBuffer(this.#modbus))
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** A serial port. The native binding is loaded when the first one opens, so that a machine without it still starts. */
export class SerialWire implements Wire {
  readonly #modbus: Modbus
  readonly #endpoint: SerialEndpoint
  #gone = false

  constructor(modbus: Modbus, endpoint: SerialEndpoint) {
    this.#modbus = modbus
    this.#endpoint = endpoint
  }

  open(events: WireEvents): void {
    const { device, baud, parity, stopBits } = this.#endpoint
    const fail = (error: unknown) => {
      events.failed(messageOf(error))
      events.ended()
    }
    this.#modbus.on('error', (error: unknown) => events.failed(messageOf(error)))
    this.#modbus.on('close', () => events.ended())
    try {
      this.#modbus.connectRTUBuffered(
        device,
        { baudRate: baud, parity, dataBits: 8, stopBits },
        (error?: unknown) => {
          if (error) return fail(error)
          if (this.#gone) return this.destroy()
          portOf(this.#modbus)?._client?.prependListener('data', (bytes) => events.heard(bytes))
          events.opened()
        },
      )
    } catch (error) {
      // The native binding is missing or was built for another machine.
      fail(`serial ports cannot be used here: ${messageOf(error)}`)
    }
  }

  async forget(): Promise<boolean> {
    const client = portOf(this.#modbus)?._client
    if (!client) return false
    const flushed = await new Promise<boolean>((resolve) => client.flush((error) => resolve(!error)))
    return flushed && emptyBuffer(this.#modbus)
  }

  destroy(): void {
    this.#gone = true
    const client = portOf(this.#modbus)?._client
    // An error after the end, such as a port that is gone, concerns nobody.
    client?.on('error', () => undefined)
    if (client?.isOpen) client.close(() => undefined)
  }
}

/** Fields of the library's port that it does not promise; `forget` says so when they are gone. */
interface PortInside {
  _buffer?: unknown
  readonly _client?: {
    readonly isOpen: boolean
    prependListener(event: 'data', take: (bytes: Buffer) => void): unknown
    on(event: 'error', take: (error: unknown) => void): unknown
    flush(done: (error?: unknown) => void): void
    close(done: (error?: unknown) => void): void
  }
}

const portOf = (modbus: Modbus): PortInside | undefined => (modbus as unknown as { _port?: PortInside })._port

function emptyBuffer(modbus: Modbus): boolean {
  const port = portOf(modbus)
  if (!port || !Buffer.isBuffer(port._buffer)) return false
  port._buffer = Buffer.alloc(0)
  return true
}
