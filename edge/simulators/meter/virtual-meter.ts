import { createServer, type Server, type Socket } from 'node:net'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { MeterProfile } from '../../profiles/meter-profile.ts'
import { answerRequest, exception } from './answer-request.ts'
import type { MeterPicture } from './meter-picture.ts'
import { type RegisterImages, registerImages } from './register-image.ts'

/**
 * What can be wrong with a meter. `silent` accepts and never answers; `refuse` accepts no connection; `frozen` goes on
 * answering with what it held; `reset` cuts the connection at each request; `exception` answers each request with
 * `code`; `lateReply` holds each answer back until the next request came; `nan` has no value for anything; `zeroFill`
 * answers 0 in every register.
 */
export type MeterFault =
  | { readonly kind: 'none' | 'silent' | 'refuse' | 'frozen' | 'reset' | 'lateReply' | 'nan' | 'zeroFill' }
  | { readonly kind: 'exception'; readonly code: number }

export interface VirtualMeterOptions {
  readonly profile: MeterProfile
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly unit: number
  /** What flows past the meter at the moment it is asked. */
  readonly picture: () => MeterPicture
}

export interface VirtualMeter {
  readonly port: number
  /** Resolves when the fault is in force; `none` ends it. */
  readonly faults: { set(fault: MeterFault): Promise<void> }
  /** Requests received so far. */
  requests(): number
  stop(): Promise<void>
}

const HEADER = 7
const GATEWAY_TARGET_SILENT = 11

/**
 * A meter that speaks Modbus TCP and holds what its profile says, for one unit behind one address.
 * @throws DepotError `simulator.meter-port` when it cannot listen there
 */
export async function startVirtualMeter(options: VirtualMeterOptions): Promise<VirtualMeter> {
  const meter = new MeterServer(options)
  const port = await meter.listen(options.port)
  return {
    port,
    faults: { set: (fault) => meter.set(fault, port) },
    requests: () => meter.requests,
    stop: () => meter.close(),
  }
}

class MeterServer {
  readonly #options: VirtualMeterOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #fault: MeterFault = { kind: 'none' }
  #frozen: RegisterImages | undefined
  requests = 0

  constructor(options: VirtualMeterOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#serve(socket))
  }

  listen(port: number): Promise<number> {
    const { host } = this.#options
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) =>
        reject(
          new DepotError('simulator.meter-port', `virtual meter on ${host}:${port}: ${cause.message}`, {
            cause,
          }),
        )
      this.#server.once('error', fail)
      this.#server.listen(port, host, () => {
        this.#server.off('error', fail)
        const address = this.#server.address()
        resolve(typeof address === 'object' && address ? address.port : port)
      })
    })
  }

  async set(fault: MeterFault, port: number): Promise<void> {
    this.#frozen = fault.kind === 'frozen' ? this.#images() : undefined
    this.#fault = fault
    if (fault.kind === 'refuse') await this.close()
    else if (!this.#server.listening) await this.listen(port)
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) =>
      this.#server.listening ? this.#server.close(() => resolve()) : resolve(),
    )
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let received = Buffer.alloc(0)
    let held: Buffer | undefined
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      for (let frame = frameIn(received); frame; frame = frameIn(received)) {
        if (frame === 'broken') return socket.destroy()
        received = received.subarray(frame.length)
        held = this.#handle(socket, frame, held)
      }
    })
  }

  /** Answers a frame; what it gives back is held until the next one. */
  #handle(socket: Socket, frame: Buffer, held: Buffer | undefined): Buffer | undefined {
    this.requests += 1
    if (held) socket.write(held)
    if (this.#fault.kind === 'silent') return undefined
    if (this.#fault.kind === 'reset') {
      socket.resetAndDestroy()
      return undefined
    }
    const reply = this.#reply(frame)
    if (this.#fault.kind === 'lateReply') return reply
    socket.write(reply)
    return undefined
  }

  #reply(frame: Buffer): Buffer {
    const body = this.#body(frame.readUInt8(HEADER - 1), frame.subarray(HEADER))
    const header = Buffer.from(frame.subarray(0, HEADER))
    header.writeUInt16BE(body.length + 1, 4)
    return Buffer.concat([header, body])
  }

  #body(unit: number, request: Buffer): Buffer {
    const { profile } = this.#options
    const code = request.readUInt8(0)
    if (unit !== this.#options.unit) return exception(code, GATEWAY_TARGET_SILENT)
    if (this.#fault.kind === 'exception') return exception(code, this.#fault.code)
    const reply = answerRequest(request, this.#images(), profile.limits)
    if (this.#fault.kind === 'zeroFill' && reply.readUInt8(0) === code) reply.fill(0, 2)
    return reply
  }

  #images(): RegisterImages {
    const { profile, picture } = this.#options
    return this.#frozen ?? registerImages(profile, this.#fault.kind === 'nan' ? undefined : picture())
  }
}

/** The first whole frame, undefined while it is not all there, `broken` when this can never become one. */
function frameIn(received: Buffer): Buffer | 'broken' | undefined {
  if (received.length < HEADER) return undefined
  const length = received.readUInt16BE(4)
  if (received.readUInt16BE(2) !== 0 || length < 2 || length > 254) return 'broken'
  return received.length < 6 + length ? undefined : received.subarray(0, 6 + length)
}
