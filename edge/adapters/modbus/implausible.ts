import { PHASES } from '@busbar/units/per-phase.ts'
import type { MeterReading } from '../../domain/inputs.ts'
import type { MeterSource } from './meter-source.ts'

type Values = Omit<MeterReading, 'meter' | 'measuredAt' | 'measuredAtMonotonic'>

/** Why a reading cannot be true, or undefined. One impossible value discredits all that came with it. */
export function implausible(
  values: Values,
  { nominalV, maxA, maxW }: MeterSource['plausible'],
): string | undefined {
  const checks = [
    ['frequency', values.frequencyHz, 45, 65, 'Hz'],
    ['power', values.powerW, -2 * maxW, 2 * maxW, 'W'],
    ...PHASES.flatMap((phase) => [
      [`voltage ${phase}`, values.voltageV?.[phase], 0, 1.3 * nominalV, 'V'] as const,
      [`current ${phase}`, values.currentA?.[phase], -2 * maxA, 2 * maxA, 'A'] as const,
      [`power ${phase}`, values.phasePowerW?.[phase], -2 * maxW, 2 * maxW, 'W'] as const,
    ]),
  ] as const
  for (const [name, value, low, high, unit] of checks)
    if (value !== undefined && (value < low || value > high))
      return `${name} is ${value} ${unit}, expected ${low} to ${high}`
  return undefined
}
