import { EventEmitter } from 'node:events'
import { createRPCError } from 'ocpp-rpc'
import serverClient from 'ocpp-rpc/lib/server-client.js'
import { NOREPLY } from 'ocpp-rpc/lib/symbols.js'

/** What the library's client offers beside its own, looser typings. */
interface LibraryClient extends EventEmitter {
  handle(handler: (call: { readonly method: string }) => Promise<unknown>): void
  call(action: string, payload: object): Promise<unknown>
}
type LibraryClientClass = new (options: object, context: object) => LibraryClient
const RpcServerClient = serverClient as unknown as LibraryClientClass

/** An OCPP error as it stands on the wire; its details are always empty. */
export interface WireError {
  readonly code:
    | 'NotImplemented'
    | 'NotSupported'
    | 'InternalError'
    | 'SecurityError'
    | 'OccurrenceConstraintViolation'
    | 'TypeConstraintViolation'
  readonly text: string
}

export interface PeerHooks {
  /** What to answer to the call in work; null leaves it unanswered. */
  handle(action: string): Promise<{ readonly answer: object } | { readonly error: WireError } | null>
  /** A frame of the library for the station. */
  send(text: string): void
  /** The call in work stays unanswered, and the library has let go of it. */
  unanswered(): void
  /** An answer that no request waits for. */
  stray(reason: string): void
}

/** Stands where the library expects its socket, so that it sees only what has passed our own checks. */
class SocketFace extends EventEmitter {
  readonly protocol: string
  readonly #send: (text: string) => void

  constructor(protocol: string, send: (text: string) => void) {
    super()
    this.protocol = protocol
    this.#send = send
  }

  send(text: string): void {
    this.#send(text)
  }

  close(): void {
    this.emit('close', 1000, Buffer.alloc(0))
  }

  terminate(): void {
    this.close()
  }
}

/**
 * The RPC library at one connection: it matches answers to our requests and frames answers to theirs. Its own front
 * door, timers, validation and error texts stay unused.
 */
export class LibraryPeer {
  readonly #face: SocketFace
  readonly #client: LibraryClient

  constructor(identity: string, protocol: string, hooks: PeerHooks) {
    this.#face = new SocketFace(protocol, hooks.send)
    const options = {
      identity,
      reconnect: false,
      callTimeoutMs: 0,
      pingIntervalMs: 0,
      // Our own line holds back all but one; a call given up must not hold up the next here.
      callConcurrency: Number.POSITIVE_INFINITY,
    }
    this.#client = new RpcServerClient(options, { ws: this.#face, handshake: {}, session: {} })
    this.#client.handle(({ method }) => answerOf(hooks, method))
    this.#client.on('callResult', ({ outbound, result }: { outbound: boolean; result: unknown }) => {
      // The library forgets the message id later in the same microtask.
      if (!outbound && result === NOREPLY) queueMicrotask(() => hooks.unanswered())
    })
    this.#client.on('badMessage', ({ error }: { error: Error }) => hooks.stray(error.message))
  }

  /** Hands a message to the library. Not before the tick after construction: it listens only from then on. */
  receive(text: string): void {
    this.#face.emit('message', withOwnCode(text))
  }

  /** Writes a request before it returns; rejects with the station's error or when the connection closes. */
  call(action: string, payload: object): Promise<unknown> {
    return this.#client.call(action, payload)
  }

  close(): void {
    this.#face.close()
  }
}

async function answerOf(hooks: PeerHooks, method: string): Promise<unknown> {
  const result = await hooks.handle(method)
  if (result === null) return NOREPLY
  if ('error' in result) throw createRPCError(result.error.code, result.error.text, {})
  return result.answer
}

/** The library calls every error code that it does not know GenericError; the details let the station's own through. */
function withOwnCode(text: string): string {
  if (!/^\[\s*4\b/.test(text)) return text
  const [type, id, code, description]: unknown[] = JSON.parse(text)
  return JSON.stringify([type, id, code, description, { code }])
}
