import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'

/** An OCPP-J frame. */
export type Message = readonly [type: number, id: unknown, ...rest: unknown[]]

/** A bare WebSocket client that says exactly what it is told to. */
export interface RawStation {
  readonly socket: WebSocket
  /** Every message received, in order. */
  readonly received: Message[]
  send(text: string): void
  /** Sends a CALL and resolves with the first message that bears its id. */
  call(action: string, payload: unknown, id?: string): Promise<Message>
  /** The first message, from now or earlier, that satisfies `test`. */
  next(test: (message: Message) => boolean): Promise<Message>
  /** Resolves with the close code. */
  readonly closed: Promise<number>
  close(): Promise<void>
}

export async function connect(
  url: string,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<RawStation> {
  const { protocols = ['ocpp1.6'], ...rest } = options
  const socket = new WebSocket(url, protocols, rest)
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  const received: Message[] = []
  const watchers = new Set<() => void>()
  socket.on('message', (data) => {
    received.push(JSON.parse(data.toString()))
    for (const watch of [...watchers]) watch()
  })
  await once(socket, 'open')
  socket.on('error', () => socket.terminate())
  let ids = 0
  const next = (test: (message: Message) => boolean): Promise<Message> =>
    new Promise((resolve) => {
      const watch = () => {
        const found = received.find(test)
        if (!found) return
        watchers.delete(watch)
        resolve(found)
      }
      watchers.add(watch)
      watch()
    })
  return {
    socket,
    received,
    closed,
    next,
    send: (text) => socket.send(text),
    call(action, payload, id = `raw-${++ids}`) {
      socket.send(JSON.stringify([2, id, action, payload]))
      return next((message) => message[0] !== 2 && message[1] === id)
    },
    async close() {
      socket.close()
      await closed
    },
  }
}
