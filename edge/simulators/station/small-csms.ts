import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { type Frame, readFrame, writeFrame } from './frames.ts'

/** A call a station made. */
export interface Heard {
  readonly station: string
  readonly id: string
  readonly action: string
  readonly payload: Readonly<Record<string, unknown>>
}

type Reply = Exclude<Frame, { kind: 'call' }>

const AnyObject = z.record(z.string(), z.unknown())

/** The least a station needs at the other end of its wire: for the simulators' own tests. */
export class SmallCsms {
  readonly heard: Heard[] = []
  /** `Authorization` headers and sub-protocols as they came. */
  readonly handshakes: { readonly authorization: string | undefined; readonly protocol: string }[] = []
  received = 0
  sent = 0
  /** What a call gets; null withholds the answer. */
  answer: (heard: Heard) => object | null = (heard) => this.usual(heard)
  readonly #http = createServer()
  readonly #server = new WebSocketServer({ server: this.#http, handleProtocols: () => 'ocpp1.6' })
  readonly #sockets = new Map<string, WebSocket>()
  readonly #waiting = new Map<string, (reply: Reply) => void>()
  #calls = 0
  #transactions = 0

  async listen(): Promise<string> {
    this.#server.on('connection', (socket, request) => {
      const station = request.url?.split('/').at(-1) ?? ''
      this.handshakes.push({ authorization: request.headers.authorization, protocol: socket.protocol })
      this.#sockets.set(station, socket)
      socket.on('message', (content) => this.#read(station, socket, String(content)))
    })
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve))
    return `ws://127.0.0.1:${portOf(this.#http.address())}/ocpp`
  }

  usual({ action }: Heard): object {
    if (action === 'BootNotification')
      return { status: 'Accepted', currentTime: '2026-11-21T18:00:00Z', interval: 300 }
    if (action === 'Heartbeat') return { currentTime: '2026-11-21T18:00:00Z' }
    if (action === 'Authorize') return { idTagInfo: { status: 'Accepted' } }
    if (action === 'StartTransaction')
      return { transactionId: ++this.#transactions, idTagInfo: { status: 'Accepted' } }
    return {}
  }

  call(station: string, action: string, payload: object): Promise<Reply> {
    const id = `csms-${++this.#calls}`
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#send(station, { kind: 'call', id, action, payload })
    })
  }

  /** Answers a call that was left waiting. */
  late({ station, id }: Heard, payload: object): void {
    this.#send(station, { kind: 'result', id, payload })
  }

  /** The calls of one action, oldest first. */
  of(action: string): readonly Heard[] {
    return this.heard.filter((heard) => heard.action === action)
  }

  drop(station: string): void {
    this.#sockets.get(station)?.terminate()
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  #read(station: string, socket: WebSocket, text: string): void {
    this.received++
    const frame = readFrame(text)
    if (frame?.kind === 'call') {
      const heard = { station, id: frame.id, action: frame.action, payload: AnyObject.parse(frame.payload) }
      this.heard.push(heard)
      const payload = this.answer(heard)
      if (payload === null || socket.readyState !== socket.OPEN) return
      this.sent++
      socket.send(writeFrame({ kind: 'result', id: frame.id, payload }))
    } else if (frame) {
      this.#waiting.get(frame.id)?.(frame)
      this.#waiting.delete(frame.id)
    }
  }

  #send(station: string, frame: Frame): void {
    this.sent++
    this.#sockets.get(station)?.send(writeFrame(frame))
  }
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address ? address.port : 0
