import { once } from 'node:events'
import { WebSocket } from 'ws'
import { SECRET } from './depot-of.ts'

type Payload = Readonly<Record<string, unknown>>

/** An OCPP 1.6 station that a test speaks for, message by message. */
export class SpokenStation {
  /** Requests of the CSMS, oldest first. */
  readonly asked: { readonly action: string; readonly payload: Payload }[] = []
  /** What a request of the CSMS is answered; anything else is accepted. */
  answers: Readonly<Record<string, Payload>> = {}
  readonly #socket: WebSocket
  readonly #waiting = new Map<string, (answer: Payload) => void>()
  readonly #watching = new Set<() => void>()
  #ids = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => this.#hear(JSON.parse(String(data))))
  }

  static async connect(
    url: string,
    id: string,
    protocols = ['ocpp1.6'],
    secret = SECRET,
  ): Promise<SpokenStation> {
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    const socket = new WebSocket(`${url}/ocpp/${id}`, protocols, { headers: { authorization } })
    await once(socket, 'open')
    return new SpokenStation(socket)
  }

  get protocol(): string {
    return this.#socket.protocol
  }

  /** Sends a request and gives its answer. */
  say(action: string, payload: object = {}): Promise<Payload> {
    const id = `s-${++this.#ids}`
    this.#socket.send(JSON.stringify([2, id, action, payload]))
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  status(status: string, connectorId = 1): Promise<Payload> {
    return this.say('StatusNotification', { connectorId, errorCode: 'NoError', status })
  }

  /** Boots, tells that its connector is free, and waits until it has its fallback. */
  async boot(): Promise<Payload> {
    const answer = await this.say('BootNotification', {
      chargePointVendor: 'Busbar',
      chargePointModel: 'Virtual AC 22',
      firmwareVersion: '1.0.0',
    })
    await this.status('Available', 0)
    await this.status('Available')
    await this.heard('SetChargingProfile')
    return answer
  }

  /** The same in the words of OCPP 2.0.1. */
  async boot201(): Promise<Payload> {
    const chargingStation = { vendorName: 'Busbar', model: 'Virtual AC 22', firmwareVersion: '1.0.0' }
    const answer = await this.say('BootNotification', { reason: 'PowerUp', chargingStation })
    await this.status201('Available')
    await this.heard('SetChargingProfile')
    return answer
  }

  status201(connectorStatus: string): Promise<Payload> {
    const timestamp = '2026-11-21T18:00:00Z'
    return this.say('StatusNotification', { timestamp, connectorStatus, evseId: 1, connectorId: 1 })
  }

  /** The first request of this action, from now or earlier. */
  heard(action: string): Promise<Payload> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.asked.find((request) => request.action === action)
        if (!found) return
        this.#watching.delete(look)
        resolve(found.payload)
      }
      this.#watching.add(look)
      look()
    })
  }

  /** Resolves when the other end has ended the connection. */
  async closed(): Promise<void> {
    if (this.#socket.readyState !== WebSocket.CLOSED) await once(this.#socket, 'close')
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  #hear([type, id, first, second]: [number, string, unknown, unknown]): void {
    if (type !== 2) {
      this.#waiting.get(id)?.(type === 3 ? (first as Payload) : { error: first })
      this.#waiting.delete(id)
      return
    }
    const action = String(first)
    this.asked.push({ action, payload: second as Payload })
    this.#socket.send(JSON.stringify([3, id, this.answers[action] ?? { status: 'Accepted' }]))
    for (const look of [...this.#watching]) look()
  }
}
