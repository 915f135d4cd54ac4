import type { MeterId } from '@busbar/model/ids.ts'
import type { PerPhase } from '@busbar/units/per-phase.ts'
import { between, toIso } from '@busbar/units/time.ts'
import type { MeterQuality } from '../../domain/facts.ts'
import { meterQuality } from '../../domain/site/meter-trust.ts'
import type { MeterPlace } from '../../domain/site/site.ts'
import { type SelfTestMode, type TestStep, testResult } from '../../domain/site/trust/self-test.ts'
import {
  type SelfTestReport,
  type StepFact,
  selfTestReports,
  stepsSeen,
} from '../../domain/site/trust/self-tests.ts'
import type { Depot } from '../depot.ts'
import { reported } from '../handle/meters.ts'
import { modeOf, stepsNow } from './self-testing.ts'

/** A meter as those who install it see it; times ISO 8601, units in the names. */
export interface MeterOnDesk {
  readonly id: string
  readonly name: string
  readonly role: MeterPlace['role']
  readonly circuit: string
  readonly standing: 'drives-limits' | 'monitor-only' | 'virtual'
  readonly quality: MeterQuality
  readonly reason: string | null
  readonly measured_at: string | null
  readonly age_ms: number | null
  readonly power_w: number | null
  readonly phase_power_w: PerPhase<number | null>
  readonly current_a: PerPhase<number | null>
  readonly voltage_v: PerPhase<number | null>
  readonly frequency_hz: number | null
  readonly import_wh: number | null
  readonly export_wh: number | null
  readonly self_test: {
    readonly mode: SelfTestMode
    readonly result: ReturnType<typeof testResult>
    readonly steps: readonly TestStep[]
  } | null
  readonly findings: readonly { readonly check: string; readonly text: string }[]
}

/** Every meter with what it reads, what that is worth and how its self-test stands. */
export const metersOnDesk = (depot: Depot): readonly MeterOnDesk[] =>
  [...depot.setup.site.meters.values()].map((place) => onDesk(depot, place))

function onDesk(depot: Depot, place: MeterPlace): MeterOnDesk {
  const trust = depot.meters.get(place.id)
  const watch = depot.watches.get(place.id)
  const reading = trust?.reading ?? null
  const mode = watch === undefined ? null : modeOf(watch)
  const steps = watch === undefined ? [] : stepsNow(depot, watch)
  return {
    id: place.id,
    name: place.name,
    role: place.role,
    circuit: place.circuit,
    standing:
      watch === undefined
        ? 'virtual'
        : watch.test.passed && trust?.unproven == null
          ? 'drives-limits'
          : 'monitor-only',
    quality: trust === undefined ? 'reserve' : meterQuality(trust, depot.monotonic, place.poll),
    reason: trust?.failure?.reason ?? trust?.unproven ?? null,
    measured_at: reading === null ? null : toIso(reading.measuredAt),
    age_ms: reading === null ? null : Math.round(between(reading.measuredAtMonotonic, depot.monotonic)),
    power_w: reading?.powerW ?? null,
    phase_power_w: reported(reading?.phasePowerW),
    current_a: reported(reading?.currentA),
    voltage_v: reported(reading?.voltageV),
    frequency_hz: reading?.frequencyHz ?? null,
    import_wh: reading?.importWh ?? null,
    export_wh: reading?.exportWh ?? null,
    self_test: mode === null ? null : { mode, result: testResult(steps, mode), steps },
    findings: (watch?.findings.standing ?? []).map(({ check, text }) => ({ check, text })),
  }
}

/** The last report of a meter and the last step it saw; null before the first report. */
export function reportOnDesk(
  depot: Depot,
  meter: MeterId,
): { readonly report: SelfTestReport; readonly step: StepFact | null } | null {
  const report = depot.memory.table(selfTestReports).get(meter)
  return report === undefined ? null : { report, step: depot.memory.table(stepsSeen).get(meter) ?? null }
}
