import { type Clock, every, type Timer } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { MeterReadings } from '../../domain/ports/meter-readings.ts'
import type { MeterSource } from './meter-source.ts'
import { type Log, ModbusBus } from './modbus-bus.ts'
import { type MeterResult, scanner } from './scan-meter.ts'
import { UnitBreaker } from './unit-breaker.ts'

export type { MeterSource } from './meter-source.ts'

export interface ModbusMetersOptions {
  readonly meters: readonly MeterSource[]
  readonly clock: Clock
  /** 0 to 1, spreads reconnects. */
  readonly random: () => number
  readonly log: Log
}

/** Totals since the start; `inFlight` is the requests that wait for the network, not for the clock, now. */
export interface MeterActivity {
  readonly inFlight: number
  readonly scans: number
  readonly failures: number
  /** Periods in which the scan before was not done. */
  readonly skipped: number
  readonly requests: number
  readonly timeouts: number
  readonly rebuilds: number
}

export type ModbusMeters = MeterReadings & { activity(): MeterActivity }

type Deliver = Parameters<MeterReadings['start']>[0]

/**
 * Reads meters over Modbus TCP, each at the end of each of its periods, those behind one address over one connection.
 * @throws DepotError `modbus.phase-map` when a phase map does not name each conductor once
 */
export function createModbusMeters(options: ModbusMetersOptions): ModbusMeters {
  for (const source of options.meters) checkPhaseMap(source)
  return new PolledMeters(options)
}

class PolledMeters implements ModbusMeters {
  readonly #options: ModbusMetersOptions
  readonly #buses = new Map<string, ModbusBus>()
  readonly #timers: Timer[] = []
  readonly #counts = { scans: 0, failures: 0, skipped: 0 }

  constructor(options: ModbusMetersOptions) {
    this.#options = options
  }

  async start(deliver: Deliver): Promise<void> {
    for (const source of this.#options.meters) this.#poll(source, deliver)
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) timer.cancel()
    const buses = [...this.#buses.values()]
    this.#buses.clear()
    for (const bus of buses) bus.close()
  }

  activity(): MeterActivity {
    const buses = [...this.#buses.values()]
    const sum = (of: (bus: ModbusBus) => number) => buses.reduce((all, bus) => all + of(bus), 0)
    return {
      ...this.#counts,
      inFlight: sum((bus) => bus.inFlight),
      requests: sum((bus) => bus.counters.requests),
      timeouts: sum((bus) => bus.counters.timeouts),
      rebuilds: sum((bus) => bus.counters.rebuilds),
    }
  }

  #poll(source: MeterSource, deliver: Deliver): void {
    const { clock, log, meters } = this.#options
    const bus = this.#busOf(source)
    const shared = meters.filter((other) => keyOf(other) === keyOf(source)).length > 1
    const scan = scanner(source, { bus, clock, breaker: shared ? new UnitBreaker(source.poll) : undefined })
    const tell = teller(source, log)
    let busy = false
    const run = async () => {
      busy = true
      const result = await scan()
      busy = false
      // A stopped reader delivers nothing, not even that it stopped.
      if (this.#buses.get(keyOf(source)) !== bus) return
      this.#counts.scans += 1
      if ('failure' in result) this.#counts.failures += 1
      tell(result)
      deliver(result)
    }
    const tick = () => {
      if (busy) this.#counts.skipped += 1
      else void run()
    }
    this.#timers.push(every(clock, source.poll, tick))
  }

  #busOf(source: MeterSource): ModbusBus {
    const { host, port } = source.endpoint
    const bus =
      this.#buses.get(keyOf(source)) ?? new ModbusBus({ ...this.#options, endpoint: { host, port } })
    this.#buses.set(keyOf(source), bus)
    return bus
  }
}

const keyOf = ({ endpoint }: MeterSource): string => `${endpoint.host.toLowerCase()}:${endpoint.port}`

function checkPhaseMap({ id, phaseMap }: MeterSource): void {
  if (phaseMap && new Set(Object.values(phaseMap)).size !== 3)
    throw new DepotError(
      'modbus.phase-map',
      `meter ${id}: phase map ${JSON.stringify(phaseMap)} names a conductor twice`,
    )
}

/** Logs when a meter's state changes, not each scan. */
function teller(source: MeterSource, log: Log): (result: MeterResult) => void {
  let last = ''
  return (result) => {
    const state = 'failure' in result ? result.failure.code : 'good'
    if (state === last) return
    last = state
    const fields = {
      meter: source.id,
      ...('failure' in result && { code: state, reason: result.failure.reason }),
    }
    if ('failure' in result) log.warn(fields, 'meter gives no reading')
    else log.info(fields, 'meter gives readings')
  }
}
