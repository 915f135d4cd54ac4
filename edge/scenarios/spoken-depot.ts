import { minutes } from '@busbar/units/time.ts'
import { afterAll, beforeAll } from 'vitest'
import type { FactType, FactTypes } from '../domain/facts.ts'
import { storedFact } from '../domain/ports/fact-line.ts'
import { SpokenStation } from './spoken-station.ts'
import { TestDepot } from './test-depot.ts'

export type Payload = Readonly<Record<string, unknown>>

/** The real edge of a test file, and the one station of OCPP 2.0.1 that its tests speak for. */
export const on = {} as { depot: TestDepot; station: SpokenStation; transactions: number }

/** Starts both before the tests of a file, and stops them after. */
export function spokenDepot(): void {
  beforeAll(async () => {
    on.transactions = 0
    on.depot = await TestDepot.start({
      gridA: 200,
      otherA: 10,
      feeders: [{ id: 'f1', ratingA: 100 }],
      stations: [],
      foreign: [{ id: 'X', feeder: 'f1' }],
      vehicles: ['v1'],
    })
    on.station = await SpokenStation.connect(on.depot.edge.ocppAddress, 'X', ['ocpp2.0.1'])
    await on.station.boot201()
    await on.depot.until('the start-up is over', () => on.depot.edge.control.depot.ready, minutes(2))
  })
  afterAll(async () => {
    await on.station.close()
    await on.depot.stop()
  })
}

export const at = () => new Date(on.depot.clock.now()).toISOString()
export const token = (idToken = 'TAG-v1') => ({ idToken, type: 'ISO14443' })
export async function during<T>(work: Promise<T>): Promise<T> {
  let done = false
  void work.then(() => {
    done = true
  })
  await on.depot.untilReally('the answer', async () => done)
  return work
}
export async function api(method: string, path: string, body?: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const answer = fetch(`${on.depot.edge.httpAddress}/api/v1${path}`, sent)
  return during(
    answer.then(async (response) => {
      const text = await response.text()
      return text === '' ? null : (JSON.parse(text) as unknown)
    }),
  )
}
export async function facts<T extends FactType>(type: T): Promise<FactTypes[T][]> {
  const records = await on.depot.edge.control.depot.deps.factLog.read(0, 20_000)
  const all = records.map(({ line }) => storedFact(line).fact)
  return all.flatMap((fact) => (fact.type === type ? [fact.data as FactTypes[T]] : []))
}
/** The first transaction in the list is the newest. */
export const newest = async () => (await on.depot.transactions())[0]

export const register = (wh: number, context = 'Sample.Periodic', more: Payload = {}) => [
  {
    timestamp: at(),
    sampledValue: [{ value: wh, context, measurand: 'Energy.Active.Import.Register', ...more }],
  },
]
/** One transaction of the station, told event by event. */
export function transaction(name = `tx-${++on.transactions}`) {
  let seqNo = 0
  const tell = (eventType: string, triggerReason: string, of: Payload & { info?: Payload } = {}) => {
    const { info = {}, ...more } = of
    const transactionInfo = { transactionId: name, ...info }
    return during(
      on.station.say('TransactionEvent', {
        ...{ eventType, triggerReason, timestamp: at(), seqNo: seqNo++, transactionInfo },
        ...{ evse: { id: 1, connectorId: 1 }, ...more },
      }),
    )
  }
  return { name, tell }
}
export const starts = (of: Payload = {}) => ({
  idToken: token(),
  meterValue: register(1000, 'Transaction.Begin'),
  ...of,
})
export const ends = (stoppedReason: string, wh = 4000) => ({
  info: { stoppedReason },
  meterValue: register(wh, 'Transaction.End'),
})
export const authorize = (idToken: object) => during(on.station.say('Authorize', { idToken }))
