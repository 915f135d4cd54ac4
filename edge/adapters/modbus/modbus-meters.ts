import { type Clock, every, type Timer } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import type { MeterId } from '@busbar/model/ids.ts'
import { milliseconds } from '@busbar/units/time.ts'
import type { MeterReadings } from '../../domain/ports/meter-readings.ts'
import type { MeterInspection } from '../../domain/site/trust/inspection.ts'
import { type Endpoint, lineOf } from './endpoint.ts'
import type { MeterSource } from './meter-source.ts'
import { type BusCounters, type Log, ModbusBus } from './modbus-bus.ts'
import { ModbusUnit } from './modbus-unit.ts'
import { type MeterResult, MeterScanner } from './scan-meter.ts'

export type { Endpoint } from './endpoint.ts'
export type { MeterSource } from './meter-source.ts'

export interface ModbusMetersOptions {
  readonly meters: readonly MeterSource[]
  readonly clock: Clock
  /** 0 to 1, spreads reconnects. */
  readonly random: () => number
  readonly log: Log
  /** Told what a device says of itself, before its first reading over each connection. */
  readonly onInspected?: (inspection: MeterInspection) => void
}

/**
 * Totals since the start; `inFlight` is the requests that wait for the network, not for the clock, now, and `settingUp`
 * those of them that wait for the operating system alone.
 */
export interface MeterActivity {
  readonly inFlight: number
  readonly settingUp: number
  readonly scans: number
  readonly failures: number
  /** Periods in which the scan before was not done. */
  readonly skipped: number
  readonly requests: number
  readonly timeouts: number
  readonly rebuilds: number
}

/** How a line does. */
export interface LineHealth extends BusCounters {
  readonly line: string
  /** Units that were found dead and are only probed. */
  readonly sparedUnits: readonly number[]
  /** Share of the time in which nothing else could be asked, 0 to 1. */
  readonly occupancy: number
  /** Of the last 512 replies; undefined before the first. */
  readonly replyP50Ms: number | undefined
  readonly replyP99Ms: number | undefined
}

export interface ModbusMeters extends MeterReadings {
  activity(): MeterActivity
  lines(): readonly LineHealth[]
  /** The serial number that a meter last gave. */
  serialOf(meter: MeterId): string | undefined
  /** What the device says of itself and holds now; undefined before its first scan, or of a meter not read here. */
  inspect(meter: MeterId): Promise<MeterInspection | undefined>
}

type Deliver = Parameters<MeterReadings['start']>[0]

/**
 * Reads meters over Modbus, each at the end of each of its periods, those on one line over one connection.
 * @throws DepotError `modbus.phase-map` when a phase map does not name each conductor once; `modbus.line` when two
 * meters ask for one line in different ways
 */
export function createModbusMeters(options: ModbusMetersOptions): ModbusMeters {
  for (const source of options.meters) checkPhaseMap(source)
  checkLines(options.meters)
  return new PolledMeters(options)
}

interface Line {
  readonly bus: ModbusBus
  readonly units: Map<number, ModbusUnit>
}

class PolledMeters implements ModbusMeters {
  readonly #options: ModbusMetersOptions
  readonly #lines = new Map<string, Line>()
  readonly #scanners = new Map<MeterId, MeterScanner>()
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
    const lines = [...this.#lines.values()]
    this.#lines.clear()
    this.#scanners.clear()
    for (const { bus } of lines) bus.close()
  }

  activity(): MeterActivity {
    const buses = [...this.#lines.values()].map(({ bus }) => bus)
    const sum = (of: (bus: ModbusBus) => number) => buses.reduce((all, bus) => all + of(bus), 0)
    return {
      ...this.#counts,
      inFlight: sum((bus) => bus.inFlight),
      settingUp: sum((bus) => (bus.isSettingUp ? 1 : 0)),
      requests: sum((bus) => bus.counters.requests),
      timeouts: sum((bus) => bus.counters.timeouts),
      rebuilds: sum((bus) => bus.counters.rebuilds),
    }
  }

  lines(): readonly LineHealth[] {
    const now = this.#options.clock.monotonic()
    return [...this.#lines].map(([line, { bus, units }]) => ({
      ...bus.counters,
      line,
      sparedUnits: [...units].flatMap(([unit, { isSpared }]) => (isSpared ? [unit] : [])),
      occupancy: bus.stats.occupancy(now),
      replyP50Ms: bus.stats.reply(0.5),
      replyP99Ms: bus.stats.reply(0.99),
    }))
  }

  serialOf(meter: MeterId): string | undefined {
    return this.#scanners.get(meter)?.serial
  }

  async inspect(meter: MeterId): Promise<MeterInspection | undefined> {
    const source = this.#options.meters.find(({ id }) => id === meter)
    const line = source && this.#lines.get(lineOf(source.endpoint))
    return line && this.#scanners.get(meter)?.inspect(line.bus.stats.reply(0.99))
  }

  #poll(source: MeterSource, deliver: Deliver): void {
    const { clock, log } = this.#options
    const line = this.#lineOf(source.endpoint)
    const scanner = new MeterScanner(source, { unit: this.#unitOf(source, line), clock })
    this.#scanners.set(source.id, scanner)
    const tell = teller(source, log)
    let busy = false
    let inspected: { readonly over: number; readonly scan: number; readonly slow: boolean } | undefined
    let scans = 0
    const inspect = async () => {
      const inspection = await scanner.inspect(line.bus.stats.reply(0.99))
      inspected = { over: line.bus.connections, scan: scans, slow: isSlow(inspection) }
      if (inspection) this.#options.onInspected?.(inspection)
    }
    const run = async () => {
      busy = true
      const result = await scanner.scan()
      scans += 1
      const again = inspected?.slow && scans - inspected.scan >= SCANS_UNTIL_ASKED_AGAIN
      if ('reading' in result && (again || inspected?.over !== line.bus.connections)) await inspect()
      busy = false
      // A stopped reader delivers nothing, not even that it stopped.
      if (this.#lines.get(lineOf(source.endpoint)) !== line) return
      this.#counts.scans += 1
      if ('failure' in result) this.#counts.failures += 1
      giveUpSilent(line)
      tell(result)
      deliver(result)
    }
    const tick = () => {
      if (busy) this.#counts.skipped += 1
      else void run()
    }
    this.#timers.push(every(clock, source.poll, tick))
  }

  #lineOf(endpoint: Endpoint): Line {
    const key = lineOf(endpoint)
    const line = this.#lines.get(key) ?? {
      bus: new ModbusBus({ ...this.#options, endpoint }),
      units: new Map(),
    }
    this.#lines.set(key, line)
    return line
  }

  #unitOf(source: MeterSource, { bus, units }: Line): ModbusUnit {
    const { endpoint, unit, deadline, profile } = source
    const onLine = this.#options.meters.filter((other) => lineOf(other.endpoint) === lineOf(endpoint))
    const made =
      units.get(unit) ??
      new ModbusUnit({
        ...{ bus, endpoint, unit, clock: this.#options.clock },
        first: onLine.some((other) => other.unit === unit && other.first === true),
        shared: onLine.some((other) => other.unit !== unit),
        minGapMs: profile.limits.minGapMs,
        deadline:
          deadline ??
          (profile.limits.deadlineMs === undefined ? undefined : milliseconds(profile.limits.deadlineMs)),
      })
    units.set(unit, made)
    return made
  }
}

/** A line that was too slow is looked at again, so that a bad start is not held against it for ever. */
const SCANS_UNTIL_ASKED_AGAIN = 100

const isSlow = (inspection: MeterInspection | undefined): boolean =>
  (inspection?.replyP99Ms ?? 0) > (inspection?.deadlineMs ?? Number.POSITIVE_INFINITY) / 2

/** When every unit of a line is silent, the line itself may be what is dead. */
function giveUpSilent({ bus, units }: Line): void {
  if (units.size > 1 && [...units.values()].every(({ isSpared }) => isSpared))
    bus.rebuild('every unit is silent')
}

function checkLines(meters: readonly MeterSource[]): void {
  const first = new Map<string, MeterSource>()
  for (const source of meters) {
    const key = lineOf(source.endpoint)
    const other = first.get(key) ?? source
    first.set(key, other)
    const { kind } = source.endpoint
    if (
      kind !== other.endpoint.kind ||
      (kind === 'rtu' && JSON.stringify(source.endpoint) !== JSON.stringify(other.endpoint))
    )
      throw new DepotError(
        'modbus.line',
        `meters ${other.id} and ${source.id} set ${key} up in different ways`,
      )
  }
}

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
