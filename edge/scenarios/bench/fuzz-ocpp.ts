import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { DepotError } from '@busbar/model/depot-error.ts'
import { drawFrom, malformed } from '@busbar/testing/malformed-frames.ts'
import { WebSocket } from 'ws'
import { EdgeUnderLoad, idsOf, secretOf } from './ocpp/edge-under-load.ts'

/**
 * Malformed messages by the million against the edge as its users run it. It fails when the edge ends, when a good record
 * between them is not answered, or when memory goes on growing. `--frames N` (a million), `--seed N`.
 */
const { values } = parseArgs({
  options: { frames: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
})
const FRAMES = Number(values.frames)
const SEED = Number(values.seed)
const STATIONS = 4
/** One good record after so many bad ones. */
const BETWEEN = 250
/** Memory may settle in the first part of the run; from there to the end it may rise by this, MB. */
const SETTLED = 0.4
const MAY_RISE_MB = 60

let good = 0

/** Sends its share; a connection that the edge ends (a frame too much, say) is made anew. */
async function drive(edge: EdgeUnderLoad, n: number, share: number): Promise<void> {
  const id = idsOf(STATIONS)[n] ?? ''
  const draw = drawFrom(SEED * 1000 + n)
  const authorization = `Basic ${Buffer.from(`${id}:${secretOf(id)}`).toString('base64')}`
  let socket: WebSocket | null = null
  let answered: ((id: string) => void) | null = null
  let closed: Promise<string> = Promise.resolve('closed')
  const open = async () => {
    const fresh = new WebSocket(`${edge.url}/${id}`, ['ocpp1.6'], { headers: { authorization } })
    fresh.on('error', () => fresh.terminate())
    fresh.on('message', (data) => {
      const [type, answers] = JSON.parse(data.toString()) as [number, string]
      if (type === 2) fresh.send(`[3,${JSON.stringify(answers)},{"status":"Accepted"}]`)
      else answered?.(answers)
    })
    closed = new Promise((resolve) => fresh.once('close', () => resolve('closed')))
    await once(fresh, 'open')
    return fresh
  }
  for (let sent = 1; sent <= share; sent++) {
    if (socket === null || socket.readyState !== WebSocket.OPEN) socket = await open()
    socket.send(malformed(draw))
    if (sent % BETWEEN > 0) continue
    const wanted = `good-${n}-${sent}`
    const timestamp = new Date().toISOString()
    const sampledValue = [{ value: String(1e6 + sent) }]
    const answer = new Promise<void>((resolve) => {
      answered = (got) => {
        if (got === wanted) resolve()
      }
    })
    socket.send(
      JSON.stringify([
        2,
        wanted,
        'MeterValues',
        { connectorId: 1, meterValue: [{ timestamp, sampledValue }] },
      ]),
    )
    if ((await Promise.race([answer, closed])) !== 'closed') good++
    else throw new DepotError('fuzz.closed', `station ${id} was cut off after ${sent} messages`)
  }
  socket?.terminate()
}

const edge = await EdgeUnderLoad.start(STATIONS, 'plain')
const from = performance.now()
const share = Math.ceil(FRAMES / STATIONS)
const memory: number[] = []
const watch = setInterval(() => memory.push(edge.rssMb), 500)
await Promise.all(Array.from({ length: STATIONS }, (_, n) => drive(edge, n, share)))
clearInterval(watch)
const settled = Math.max(...memory.slice(0, Math.ceil(memory.length * SETTLED)))
const end = edge.rssMb
await edge.stop()
const seconds = (performance.now() - from) / 1000
const wanted = STATIONS * Math.floor(share / BETWEEN)
process.stderr.write(
  `${share * STATIONS} malformed messages in ${seconds.toFixed(0)} s; ${good} of ${wanted} good records answered; memory ${settled.toFixed(0)} MB, at the end ${end.toFixed(0)} MB\n`,
)
const figures = {
  frames: share * STATIONS,
  good,
  wanted,
  settled_mb: Math.round(settled),
  end_mb: Math.round(end),
}
process.stdout.write(`${JSON.stringify({ bench: 'fuzz-ocpp', figures })}\n`)
process.exit(good === wanted && end - settled < MAY_RISE_MB ? 0 : 1)
