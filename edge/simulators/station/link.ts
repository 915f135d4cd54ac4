import type { Clock, Timer } from '@busbar/model/clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { WebSocket } from 'ws'
import { type Random, within } from '../random.ts'
import type { Dial } from './quirks/quirk.ts'

/** How it goes about the connection. */
export interface LinkManners {
  readonly pongs: boolean
  dials(dial: Dial): Dial
  frames(text: string): string
  reads(text: string): string
}

export interface LinkOptions {
  readonly clock: Clock
  readonly random: Random
  /** Address without the identity, e.g. `ws://127.0.0.1:9000/ocpp`. */
  readonly url: string
  readonly identity: string
  readonly subprotocol: string
  readonly manners: LinkManners
  /** What HTTP Basic sends as the password. */
  readonly secret: () => Buffer
}

export interface LinkEvents {
  opened(): void
  received(text: string): void
  /** `clean`: with a Close frame of the other end. */
  closed(reason: string, clean: boolean): void
}

/** `closed`: the socket is torn down. `silent`: it stays, and nothing passes any more in either direction. */
export type Cut = 'closed' | 'silent'

const FIRST_RETRY_S = 1
const LAST_RETRY_S = 30
const HANDSHAKE = seconds(60)

/** The WebSocket to the CSMS: dials, dials again, and can be cut as a cable can. */
export class Link {
  framesSent = 0
  framesReceived = 0
  readonly #options: LinkOptions
  readonly #events: LinkEvents
  #socket: WebSocket | null = null
  #timer: Timer | null = null
  #wanted = false
  #cut: Cut | null = null
  #failures = 0

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options
    this.#events = events
  }

  get open(): boolean {
    return this.#cut === null && this.#socket?.readyState === WebSocket.OPEN
  }

  /** A handshake is under way. */
  get connecting(): boolean {
    return this.#socket?.readyState === WebSocket.CONNECTING
  }

  start(): void {
    this.#wanted = true
    this.#failures = 0
    if (this.#cut === null && !this.#socket) this.#dial()
  }

  /** Hangs up for good: with a Close frame, or without one as when power is lost. */
  stop(how: 'close' | 'drop'): void {
    this.#wanted = false
    this.#timer?.cancel()
    this.#hangUp(how, 'stopped')
  }

  cut(how: Cut): void {
    this.#cut = how
    this.#timer?.cancel()
    if (how === 'closed') {
      this.#hangUp('drop', 'cut')
      return
    }
    this.#socket?.pause()
    this.#events.closed('silent', false)
  }

  restore(): void {
    if (this.#cut === null) return
    this.#cut = null
    this.#release('drop')
    if (this.#wanted) this.start()
  }

  /** False when the frame could not be handed to a socket. */
  send(text: string): boolean {
    if (!this.open || !this.#socket) return false
    this.framesSent++
    this.#socket.send(this.#options.manners.frames(text))
    return true
  }

  #dial(): void {
    const { url, identity, subprotocol, secret, clock, manners } = this.#options
    const basic = Buffer.concat([Buffer.from(`${identity}:`), secret()]).toString('base64')
    const dial = manners.dials({
      url: `${url.replace(/\/+$/, '')}/${encodeURIComponent(identity)}`,
      protocols: [subprotocol],
      headers: { authorization: `Basic ${basic}` },
    })
    const { headers } = dial
    const socket = new WebSocket(dial.url, [...dial.protocols], {
      headers,
      autoPong: manners.pongs,
      perMessageDeflate: false,
    })
    this.#socket = socket
    let reason = 'closed'
    this.#timer = clock.timer(HANDSHAKE, () => socket.terminate())
    socket.on('open', () => this.#opened(socket))
    socket.on('message', (content, binary) => {
      if (socket === this.#socket && !binary) this.#received(String(content))
    })
    socket.on('error', (error) => {
      reason = error.message
    })
    // 1006: there was no Close frame.
    socket.on('close', (code) => this.#closed(socket, reason, code !== 1006))
  }

  #opened(socket: WebSocket): void {
    if (socket !== this.#socket) return
    this.#timer?.cancel()
    this.#failures = 0
    if (this.#cut === null) this.#events.opened()
    else socket.pause()
  }

  #received(text: string): void {
    this.framesReceived++
    this.#events.received(this.#options.manners.reads(text))
  }

  #closed(socket: WebSocket, reason: string, clean: boolean): void {
    if (socket !== this.#socket) return
    this.#socket = null
    this.#timer?.cancel()
    if (this.#cut !== 'silent') this.#events.closed(reason, clean)
    if (this.#wanted && this.#cut === null) this.#redialLater()
  }

  #redialLater(): void {
    const longest = Math.min(LAST_RETRY_S, FIRST_RETRY_S * 2 ** this.#failures)
    this.#failures++
    const pause = seconds(within(this.#options.random, longest / 2, longest))
    this.#timer = this.#options.clock.timer(pause, () => this.#dial())
  }

  #hangUp(how: 'close' | 'drop', reason: string): void {
    if (this.#release(how)) this.#events.closed(reason, false)
  }

  #release(how: 'close' | 'drop'): boolean {
    const socket = this.#socket
    this.#socket = null
    if (!socket) return false
    socket.resume()
    if (how === 'close' && socket.readyState === WebSocket.OPEN) socket.close(1000)
    else socket.terminate()
    return true
  }
}
