import type { Clock } from '@busbar/model/clock.ts'
import { as, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import type { Input, InputOf, InputType, OutcomeTypes, Submit } from '../../../domain/inputs.ts'
import { loadStationProfiles } from '../../../profiles/load-station-profiles.ts'
import { type Csms, type CsmsOptions, createCsms, type TransportEvent } from '../csms.ts'

/** A depot that accepts everything and remembers what it was told. */
export interface DepotDouble {
  readonly csms: Csms
  readonly inputs: Input[]
  /** What stations were taken for, in order; beside the inputs, for it comes of what they said. */
  readonly profiled: InputOf<'station-profiled'>[]
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
  readonly listen?: CsmsOptions['listen']
  readonly secure?: CsmsOptions['secure']
  readonly hasBooted?: CsmsOptions['hasBooted']
  readonly contracts?: CsmsOptions['contracts']
  readonly transactionName?: CsmsOptions['transactionName']
  /** Those that come with the product when absent. */
  readonly profiles?: CsmsOptions['profiles']
}

export const station = (id: string, secretSha256: string | null = null) => ({
  id: as<StationId>(id),
  secretSha256,
})

const usual: { [T in InputType]?: (input: InputOf<T>) => OutcomeTypes[T] } = {
  'station-booted': () => ({ heartbeatIntervalS: 300 }),
  authorize: () => Promise.resolve({ status: 'Accepted' }),
  'certificate-requested': () => ({ status: 'Accepted' }),
  'transaction-event': ({ idToken }) => ({
    transaction: as<TransactionId>('1'),
    status: idToken === null ? null : 'Accepted',
  }),
  'transaction-started': () => ({ transaction: as<TransactionId>('1'), status: 'Accepted' }),
}

const logInto = (lines: string[]): CsmsOptions['log'] => {
  const logger = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${JSON.stringify(fields)} ${message}`)
  return { info: logger('info'), warn: logger('warn'), error: logger('error') }
}

/** Starts a CSMS on a free loopback port in front of a depot that only records. */
export async function startDepot({
  clock,
  stations = [station('CP1')],
  limits,
  listen,
  secure,
  hasBooted = () => true,
  contracts = null,
  transactionName = () => null,
  profiles,
}: DoubleOptions): Promise<DepotDouble> {
  const watchers = new Set<() => void>()
  const tell = () => {
    for (const watcher of watchers) watcher()
  }
  const lines: string[] = []
  const events: TransportEvent[] = []
  const submit: Submit = (input) => {
    if (input.type === 'station-profiled') {
      depot.profiled.push(input as unknown as InputOf<'station-profiled'>)
      return { outcome: undefined as never, durable: Promise.resolve() }
    }
    const special = depot.onInput?.(input as unknown as Input)
    depot.inputs.push(input as unknown as Input)
    tell()
    const outcome = special && 'outcome' in special ? special.outcome : usual[input.type]?.(input)
    return { outcome: outcome as never, durable: special?.durable ?? Promise.resolve() }
  }
  const csms = createCsms({
    listen: listen ?? { host: '127.0.0.1', port: 0 },
    secure: secure ?? null,
    stations,
    clock,
    hasBooted,
    contracts,
    transactionName,
    submit,
    profiles: profiles ?? (await loadStationProfiles()),
    log: logInto(lines),
    ...(limits ? { limits } : {}),
    onEvent: (event) => {
      events.push(event)
      tell()
    },
  })
  await csms.start()
  const depot: DepotDouble = {
    csms,
    inputs: [],
    profiled: [],
    events,
    lines,
    onInput: null,
    url: `ws://127.0.0.1:${csms.address().port}`,
    until: (test) => until(watchers, () => test(depot.inputs)),
    of: (type) => depot.inputs.filter((input) => input.type === type) as never,
  }
  return depot
}

const until = (watchers: Set<() => void>, test: () => boolean): Promise<void> =>
  new Promise((done) => {
    const watch = () => {
      if (!test()) return
      watchers.delete(watch)
      done()
    }
    watchers.add(watch)
    watch()
  })
