import { type Clock, every, type Timer } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import { milliseconds } from '@busbar/units/time.ts'
import type { MeterReadings } from '../../domain/ports/meter-readings.ts'
import type { MeterSource } from './meter-source.ts'
import { type Log, ModbusBus } from './modbus-bus.ts'
import { type MeterResult, scanner } from './scan-meter.ts'

export type { MeterSource } from './meter-source.ts'

export interface ModbusMetersOptions {
  readonly meters: readonly MeterSource[]
  readonly clock: Clock
  /** 0 to 1, spreads reconnects. */
  readonly random: () => number
  readonly log: Log
}

/** Totals since the start, but `inFlight`: requests waiting for the network (not for the clock) now. */
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
 * Reads meters over Modbus TCP, each at its own period, those behind one address over one connection.
 * @throws DepotError `modbus.phase-map` when a phase map does not name each conductor once
 */
export function createModbusMeters(options: ModbusMetersOptions): ModbusMeters {
  const { meters, clock, log } = options
  for (const source of meters) checkPhaseMap(source)
  const buses = new Map<string, ModbusBus>()
  const counts = { scans: 0, failures: 0, skipped: 0 }
  const timers: Timer[] = []

  const poll = (source: MeterSource, deliver: Deliver) => {
    const bus = busOf(source)
    const scan = scanner(source, bus, clock)
    const tell = teller(source, log)
    let busy = false
    const tick = () => {
      if (busy) counts.skipped += 1
      else void run()
    }
    const run = async () => {
      busy = true
      const result = await scan()
      busy = false
      if (buses.get(keyOf(source)) !== bus) return
      counts.scans += 1
      if ('failure' in result) counts.failures += 1
      tell(result)
      deliver(result)
    }
    timers.push(clock.timer(milliseconds(0), tick), every(clock, source.poll, tick))
  }

  const busOf = (source: MeterSource): ModbusBus => {
    const known = buses.get(keyOf(source))
    if (known) return known
    const { host, port } = source.endpoint
    const bus = new ModbusBus({ ...options, endpoint: { host, port } })
    buses.set(keyOf(source), bus)
    return bus
  }

  return {
    start: async (deliver) => {
      for (const source of meters) poll(source, deliver)
    },
    stop: async () => {
      for (const timer of timers.splice(0)) timer.cancel()
      const open = [...buses.values()]
      buses.clear()
      for (const bus of open) bus.close()
    },
    activity: () => {
      const sum = (of: (bus: ModbusBus) => number) =>
        [...buses.values()].reduce((all, bus) => all + of(bus), 0)
      return {
        ...counts,
        inFlight: sum((bus) => bus.inFlight),
        requests: sum((bus) => bus.counters.requests),
        timeouts: sum((bus) => bus.counters.timeouts),
        rebuilds: sum((bus) => bus.counters.rebuilds),
      }
    },
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
