import { once } from 'node:events'
import { DepotError } from '@busbar/model/depot-error.ts'
import { WebSocket } from 'ws'
import { z } from 'zod'

/**
 * The stations of the benchmark, in a process of their own: bare sockets that say as little as a station can. Orders come
 * from the parent; each is answered with what was measured.
 */
const Order = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('open'),
    name: z.string(),
    url: z.string(),
    ca: z.string().optional(),
    ids: z.array(z.string()),
    secrets: z.array(z.string()),
  }),
  z.object({ do: z.literal('run'), name: z.string(), ms: z.number() }),
  z.object({ do: z.literal('storm'), name: z.string() }),
  z.object({ do: z.literal('close'), name: z.string() }),
])
type Order = z.infer<typeof Order>
type Open = Extract<Order, { do: 'open' }>

/** Calls of one turn of a station's day; a mix of what a charging depot says. */
const VALUES_A_TURN = 6
const boot = { chargePointVendor: 'Bench', chargePointModel: 'Bench' }
const status = (connectorId: number, word: string) => ({ connectorId, errorCode: 'NoError', status: word })

class Station {
  readonly #of: Open
  readonly #n: number
  #socket: WebSocket | null = null
  #answered: ((payload: Record<string, unknown>) => void) | null = null
  #ids = 0
  #register = 1000

  constructor(of: Open, n: number) {
    this.#of = of
    this.#n = n
  }

  async connect(): Promise<void> {
    const { url, ca, ids, secrets } = this.#of
    const id = ids[this.#n] ?? ''
    const authorization = `Basic ${Buffer.from(`${id}:${secrets[this.#n]}`).toString('base64')}`
    const socket = new WebSocket(`${url}/${id}`, ['ocpp1.6'], {
      headers: { authorization },
      ca,
      perMessageDeflate: false,
    })
    socket.on('message', (data) => this.#heard(data.toString()))
    socket.on('error', (error) => process.stderr.write(`station ${id}: ${error.message}\n`))
    await once(socket, 'open')
    this.#socket = socket
  }

  drop(): void {
    this.#socket?.terminate()
  }

  /** Registers and tells its state. */
  async boot(): Promise<void> {
    await this.#call('BootNotification', boot)
    await this.#call('StatusNotification', status(0, 'Available'))
    await this.#call('StatusNotification', status(1, 'Available'))
  }

  /** One vehicle's stay, told as fast as the answers come; `done` hears how long each call took. */
  async turn(going: () => boolean, done: (ms: number) => void): Promise<void> {
    const timed = async (action: string, payload: object) => {
      const from = performance.now()
      const answer = await this.#call(action, payload)
      done(performance.now() - from)
      return answer
    }
    await timed('Heartbeat', {})
    await timed('StatusNotification', status(1, 'Preparing'))
    const meterStart = this.#register
    const idTag = `TAG-${this.#of.ids[this.#n]}`
    const started = await timed('StartTransaction', { connectorId: 1, idTag, meterStart, timestamp: now() })
    const transactionId = started.transactionId
    await timed('StatusNotification', status(1, 'Charging'))
    for (let n = 0; n < VALUES_A_TURN && going(); n++) {
      this.#register += 10
      const sampledValue = [
        { value: String(this.#register), measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
        ...['L1', 'L2', 'L3'].map((phase) => ({
          value: '5.9',
          measurand: 'Current.Import',
          unit: 'A',
          phase,
        })),
      ]
      await timed('MeterValues', {
        connectorId: 1,
        transactionId,
        meterValue: [{ timestamp: now(), sampledValue }],
      })
    }
    await timed('StopTransaction', { transactionId, meterStop: this.#register, timestamp: now() })
    await timed('StatusNotification', status(1, 'Available'))
  }

  #call(action: string, payload: object): Promise<Record<string, unknown>> {
    return new Promise((resolve) => {
      this.#answered = resolve
      this.#socket?.send(JSON.stringify([2, `${++this.#ids}`, action, payload]))
    })
  }

  #heard(text: string): void {
    const [type, id, third] = JSON.parse(text) as [number, string, unknown]
    if (type === 2) this.#socket?.send(`[3,${JSON.stringify(id)},{"status":"Accepted"}]`)
    else if (type === 4) throw new DepotError('bench.refused', text)
    else this.#answered?.(third as Record<string, unknown>)
  }
}

const now = () => new Date().toISOString()
const crowds = new Map<string, readonly Station[]>()

/** A crowd that connects at once would be a storm, which has an order of its own. */
const AT_ONCE = 50

async function open(order: Open): Promise<object> {
  const stations = order.ids.map((_id, n) => new Station(order, n))
  for (let n = 0; n < stations.length; n += AT_ONCE)
    await Promise.all(
      stations.slice(n, n + AT_ONCE).map(async (station) => {
        await station.connect()
        await station.boot()
      }),
    )
  crowds.set(order.name, stations)
  return {}
}

async function run({ name, ms }: Extract<Order, { do: 'run' }>): Promise<object> {
  const took: number[] = []
  const from = performance.now()
  const going = () => performance.now() - from < ms
  await Promise.all(
    (crowds.get(name) ?? []).map(async (station) => {
      while (going()) await station.turn(going, (each) => took.push(each))
    }),
  )
  const lasted = performance.now() - from
  took.sort((a, b) => a - b)
  const at = (p: number) => took[Math.min(took.length - 1, Math.ceil(p * took.length) - 1)] ?? 0
  return { callsPerS: (took.length * 1000) / lasted, p50Ms: at(0.5), p99Ms: at(0.99) }
}

async function storm(name: string): Promise<object> {
  const stations = crowds.get(name) ?? []
  for (const station of stations) station.drop()
  await new Promise((done) => setTimeout(done, 1000))
  const from = performance.now()
  await Promise.all(
    stations.map(async (station) => {
      await station.connect()
      await station.boot()
    }),
  )
  return { seconds: (performance.now() - from) / 1000 }
}

async function follow(order: Order): Promise<object> {
  if (order.do === 'open') return open(order)
  if (order.do === 'run') return run(order)
  if (order.do === 'storm') return storm(order.name)
  for (const station of crowds.get(order.name) ?? []) station.drop()
  crowds.delete(order.name)
  return {}
}

process.on('message', (message) => {
  follow(Order.parse(message)).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
