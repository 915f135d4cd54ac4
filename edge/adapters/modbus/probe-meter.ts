import type { Clock } from '@busbar/model/clock.ts'
import type { MeterInspection } from '../../domain/site/trust/inspection.ts'
import type { MeterSource } from './meter-source.ts'
import { type Log, ModbusBus } from './modbus-bus.ts'
import { ModbusUnit } from './modbus-unit.ts'
import { MeterScanner } from './scan-meter.ts'

/** Reads a device once over a connection of its own, which it then closes. */
export async function probeMeter(
  source: MeterSource,
  deps: { readonly clock: Clock; readonly random: () => number; readonly log: Log },
): Promise<MeterInspection | { readonly failed: string; readonly reason: string }> {
  const { clock } = deps
  const { endpoint, unit, profile, deadline } = source
  const bus = new ModbusBus({ ...deps, endpoint })
  const asked = new ModbusUnit({
    ...{ bus, endpoint, unit, clock, deadline },
    first: true,
    shared: false,
    minGapMs: profile.limits.minGapMs,
  })
  try {
    const scanner = new MeterScanner(source, { unit: asked, clock })
    const result = await scanner.scan()
    const inspection = await scanner.inspect(bus.stats.reply(0.99))
    if (inspection) return inspection
    return 'failure' in result
      ? { failed: result.failure.code, reason: result.failure.reason }
      : { failed: 'no-values', reason: 'it says nothing' }
  } finally {
    bus.close()
  }
}
