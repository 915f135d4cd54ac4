import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { z } from 'zod'
import type { VirtualLine } from './meter/virtual-line.ts'
import type { VirtualStation } from './station/virtual-station.ts'

/** More than any fault needs. */
const LONGEST_BODY = 10_000

export interface Control {
  readonly port: number
  stop(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body?: unknown
}

/** What can be made to go wrong. */
export interface Controlled {
  lines(): ReadonlyMap<string, VirtualLine>
  stations(): ReadonlyMap<string, Pick<VirtualStation, 'quirks'>>
}

/**
 * Injects faults from outside, on this machine only. `GET /faults` tells what is in force and what was injected;
 * `POST /faults` takes `{ "line": "site", "kind": … }` and answers its id; `DELETE /faults/<id>?line=…` ends one,
 * `DELETE /faults` all. `GET /quirks` tells the quirks of each station, `PATCH /quirks/<station>` gives it those of
 * the body, where null takes one away.
 * @throws DepotError `simulator.control-port` when it cannot listen there
 */
export function startControl(controlled: Controlled, port: number): Promise<Control> {
  const server = createServer((request, response) => {
    answer(controlled, request).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => send(response, 400, { detail: messageOf(error) }),
    )
  })
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new DepotError('simulator.control-port', `control port ${port}: ${cause.message}`, { cause })),
    )
    server.listen(port, '127.0.0.1', () => resolve({ port: portOf(server), stop: () => stop(server) }))
  })
}

function answer(controlled: Controlled, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [root, id] = url.pathname.split('/').slice(1)
  if (root === 'faults')
    return faults(controlled.lines(), request, { id, line: url.searchParams.get('line') })
  if (root === 'quirks') return quirks(controlled.stations(), request, id)
  return Promise.resolve({ status: 404, body: { detail: 'there are only /faults and /quirks' } })
}

const NOT_JSON: Answer = { status: 415, body: { detail: 'expected application/json' } }
// A page of some other site in a browser on this machine can send neither this nor DELETE without asking first.
const isJson = ({ headers }: IncomingMessage): boolean => headers['content-type'] === 'application/json'

async function faults(
  lines: ReadonlyMap<string, VirtualLine>,
  request: IncomingMessage,
  { id, line }: { id: string | undefined; line: string | null },
): Promise<Answer> {
  if (request.method === 'GET') return { status: 200, body: [...lines].map(told) }
  if (request.method === 'DELETE') return end(lines, line, id)
  if (request.method !== 'POST') return { status: 405, body: { detail: 'GET, POST or DELETE' } }
  if (!isJson(request)) return NOT_JSON
  const { line: of = 'site', ...fault } = JSON.parse(await bodyOf(request))
  return { status: 201, body: { id: await lineOf(lines, of).faults.add(fault) } }
}

async function quirks(
  stations: ReturnType<Controlled['stations']>,
  request: IncomingMessage,
  id: string | undefined,
): Promise<Answer> {
  if (request.method === 'GET')
    return {
      status: 200,
      body: Object.fromEntries([...stations].map(([name, { quirks: has }]) => [name, has])),
    }
  if (request.method !== 'PATCH') return { status: 405, body: { detail: 'GET or PATCH' } }
  if (!isJson(request)) return NOT_JSON
  const station = stations.get(id ?? '')
  if (!station) return { status: 404, body: { detail: `no station "${id ?? ''}"` } }
  station.quirks = z.record(z.string(), z.unknown()).parse(JSON.parse(await bodyOf(request)))
  return { status: 200, body: station.quirks }
}

const told = ([id, line]: [string, VirtualLine]) => ({
  line: id,
  port: line.port,
  device: line.device,
  counters: line.counters(),
  in_force: line.faults.inForce().map(({ id: fault, fault: what }) => ({ id: fault, ...what })),
  log: line.faults.log(),
})

async function end(
  lines: ReadonlyMap<string, VirtualLine>,
  line: string | null,
  id: string | undefined,
): Promise<Answer> {
  const meant = line === null && !id ? [...lines.values()] : [lineOf(lines, line ?? 'site')]
  for (const { faults } of meant) await (id ? faults.end(id) : faults.clear())
  return { status: 204 }
}

function lineOf(lines: ReadonlyMap<string, VirtualLine>, id: string): VirtualLine {
  const line = lines.get(id)
  if (line) return line
  throw new DepotError('simulator.unknown-line', `no line "${id}"; there are ${[...lines.keys()].join(', ')}`)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > LONGEST_BODY) throw new DepotError('simulator.control-body', 'the body is too long')
  }
  return text
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
