import { resolve } from 'node:path'
import type { Clock } from '@busbar/model/clock.ts'
import { as, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import type { Input, InputOf, InputType, OutcomeTypes, Submit } from '../../../domain/inputs.ts'
import { loadStationProfiles } from '../../../profiles/load-station-profiles.ts'
import { type Csms, type CsmsOptions, createCsms, type TransportEvent } from '../csms.ts'

const PROFILES = resolve(import.meta.dirname, '../../../../firmware-profiles/charging-stations')

/** A depot that accepts everything and remembers what it was told. */
export interface DepotDouble {
  readonly csms: Csms
  readonly inputs: Input[]
  readonly events: TransportEvent[]
  /** Every log line: level, fields and message. */
  readonly lines: string[]
  /** What `submit` does with an input from now on; undefined: the usual. */
  onInput: ((input: Input) => { outcome?: unknown; durable?: Promise<void> } | undefined) | null
  readonly url: string
  /** Resolves once the inputs satisfy `test`. */
  until(test: (inputs: readonly Input[]) => boolean): Promise<void>
  of<T extends InputType>(type: T): InputOf<T>[]
}

export interface DoubleOptions {
  readonly clock: Clock
  readonly stations?: CsmsOptions['stations']
  readonly limits?: CsmsOptions['limits']
}

export const station = (id: string, secretSha256: string | null = null) => ({
  id: as<StationId>(id),
  secretSha256,
})

/** Starts a CSMS on a free loopback port in front of a depot that only records. */
export async function startDepot({
  clock,
  stations = [station('CP1')],
  limits,
}: DoubleOptions): Promise<DepotDouble> {
  const inputs: Input[] = []
  const events: TransportEvent[] = []
  const lines: string[] = []
  const watchers = new Set<() => void>()
  let transactions = 0
  const usual: { [T in InputType]?: (input: InputOf<T>) => OutcomeTypes[T] } = {
    'station-booted': () => ({ heartbeatIntervalS: 300 }),
    authorize: () => Promise.resolve({ status: 'Accepted' }),
    'transaction-started': () => ({
      transaction: as<TransactionId>(String(++transactions)),
      status: 'Accepted',
    }),
  }
  const submit: Submit = (input) => {
    const special = depot.onInput?.(input as unknown as Input)
    inputs.push(input as unknown as Input)
    const outcome = special && 'outcome' in special ? special.outcome : usual[input.type]?.(input)
    for (const watcher of watchers) watcher()
    return { outcome: outcome as never, durable: special?.durable ?? Promise.resolve() }
  }
  const logger = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${JSON.stringify(fields)} ${message}`)
  const csms = createCsms({
    listen: { host: '127.0.0.1', port: 0 },
    stations,
    clock,
    submit,
    profiles: await loadStationProfiles(PROFILES),
    log: { info: logger('info'), warn: logger('warn'), error: logger('error') },
    ...(limits ? { limits } : {}),
    onEvent: (event) => {
      events.push(event)
      for (const watcher of watchers) watcher()
    },
  })
  await csms.start()
  const depot: DepotDouble = {
    csms,
    inputs,
    events,
    lines,
    onInput: null,
    url: `ws://127.0.0.1:${csms.address().port}`,
    until: (test) =>
      new Promise((done) => {
        const watch = () => {
          if (!test(inputs)) return
          watchers.delete(watch)
          done()
        }
        watchers.add(watch)
        watch()
      }),
    of: (type) => inputs.filter((input) => input.type === type) as never,
  }
  return depot
}
