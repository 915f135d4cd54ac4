import { readFileSync } from 'node:fs'
import { DepotError } from '@busbar/model/depot-error.ts'
import { z } from 'zod'
import type { Network } from './network.ts'

const Session = z.object({
  session_id: z.coerce.string(),
  station_id: z.string(),
  arrival: z.number(),
  departure: z.number(),
  requested_kWh: z.number().nonnegative(),
  max_kW: z.number().positive().default(6.6),
  capacity_kWh: z.number().nonnegative().optional(),
})

const SessionsFile = z.object({
  period_min: z.number().positive().default(5),
  voltage_V: z.number().positive().optional(),
  sessions: z.array(Session),
})

/** One stay at an EVSE: steps [arrival, departure), what it asks for and the most it takes. */
export interface Stay {
  readonly id: string
  /** Index of the EVSE in the network. */
  readonly evse: number
  readonly arrival: number
  readonly departure: number
  readonly requestedKwh: number
  readonly maxKw: number
}

export interface Workload {
  readonly periodMin: number
  /** By arrival, then id. */
  readonly stays: readonly Stay[]
  /** One more than the last step in which a vehicle is there. */
  readonly steps: number
  /** Stays that the file has and the run leaves out, with why. */
  readonly left: readonly string[]
}

/** @throws DepotError `bench.sessions` when the file is none */
export function readSessions(file: string, network: Network): Workload {
  const parsed = SessionsFile.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  if (!parsed.success) throw new DepotError('bench.sessions', z.prettifyError(parsed.error))
  return toWorkload(parsed.data, network)
}

/** Stays in order; of two at one EVSE at a time the later one begins when the earlier one ends. */
export function toWorkload(file: z.infer<typeof SessionsFile>, network: Network): Workload {
  const places = new Map(network.evses.map(({ id }, place) => [id, place]))
  const free = new Map<number, number>()
  const left: string[] = []
  const stays: Stay[] = []
  for (const session of [...file.sessions].sort(byArrival)) {
    const evse = places.get(session.station_id)
    const arrival = Math.max(Math.ceil(session.arrival), evse === undefined ? 0 : (free.get(evse) ?? 0))
    const departure = Math.floor(session.departure)
    if (evse === undefined) left.push(`${session.session_id}: no EVSE ${session.station_id}`)
    else if (departure <= arrival) left.push(`${session.session_id}: gone before it could begin`)
    else {
      free.set(evse, departure)
      const requestedKwh = Math.min(session.requested_kWh, session.capacity_kWh ?? session.requested_kWh)
      stays.push({ id: session.session_id, evse, arrival, departure, requestedKwh, maxKw: session.max_kW })
    }
  }
  const steps = stays.reduce((most, { departure }) => Math.max(most, departure), 0)
  return { periodMin: file.period_min, stays, steps, left }
}

const byArrival = (a: z.infer<typeof Session>, b: z.infer<typeof Session>): number =>
  a.arrival - b.arrival || (a.session_id < b.session_id ? -1 : 1)
