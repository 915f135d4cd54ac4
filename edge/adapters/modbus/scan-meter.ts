import type { Clock } from '@busbar/model/clock.ts'
import { milliseconds } from '@busbar/units/time.ts'
import type { MeterFailure, MeterReading } from '../../domain/inputs.ts'
import { pointsOf } from '../../profiles/meter-profile.ts'
import { decodeScan, type ReadBlock } from './decode-scan.ts'
import { implausible } from './implausible.ts'
import type { MeterSource } from './meter-source.ts'
import type { BusRequest, ModbusBus } from './modbus-bus.ts'
import { planReads } from './plan-reads.ts'
import { toReading } from './to-reading.ts'
import type { UnitBreaker } from './unit-breaker.ts'

export type MeterResult = { readonly reading: MeterReading } | { readonly failure: MeterFailure }

const UNDOCUMENTED_MAX_READ = 60
const GAP_MS = 30
const DEADLINE_MS = 1000

export interface ScanMeans {
  readonly bus: ModbusBus
  readonly clock: Clock
  /** For a unit that shares its bus. */
  readonly breaker: UnitBreaker | undefined
}

/** Prepares a meter's requests once; the answer runs one scan, which ends in a reading or a failure, never rejects. */
export function scanner(source: MeterSource, { bus, clock, breaker }: ScanMeans): () => Promise<MeterResult> {
  const requests = requestsOf(source)
  const fail = (code: string, reason: string): MeterResult => ({
    failure: { meter: source.id, at: clock.monotonic(), code, reason },
  })
  return async () => {
    const wait = breaker?.waitFor(clock.monotonic()) ?? 0
    if (wait > 0) return fail('timeout', `unit is silent; asked again in ${Math.ceil(wait)} ms`)
    const blocks: ReadBlock[] = []
    let oldest: Pick<MeterReading, 'measuredAt' | 'measuredAtMonotonic'> | undefined
    for (const request of requests) {
      const result = await bus.read(request)
      breaker?.note('failed' in result ? result.failed : undefined, clock.monotonic())
      if ('failed' in result) return fail(result.failed, result.reason)
      oldest ??= { measuredAt: result.at, measuredAtMonotonic: result.monotonic }
      blocks.push({ ...request, words: result.words })
    }
    const values = toReading(source, decodeScan(source.profile, blocks))
    if (!oldest || Object.keys(values).length === 0)
      return fail('no-values', 'every register says "no value"')
    const reason = implausible(values, source.plausible)
    if (reason !== undefined) return fail('implausible', reason)
    return { reading: { meter: source.id, ...oldest, ...values } }
  }
}

function requestsOf({ profile, endpoint, deadline }: MeterSource): readonly BusRequest[] {
  const { maxRead, minGapMs, deadlineMs } = profile.limits
  return planReads(pointsOf(profile), maxRead ?? UNDOCUMENTED_MAX_READ).map((block) => ({
    ...block,
    unit: endpoint.unit,
    deadline: deadline ?? milliseconds(deadlineMs ?? DEADLINE_MS),
    minGap: milliseconds(minGapMs ?? GAP_MS),
  }))
}
