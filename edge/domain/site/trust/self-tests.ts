import type { MeterId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { FactTypes } from '../../facts.ts'
import type { ProjectionDefinition } from '../../ports/projections.ts'
import type { SeenAt, StepVerdict } from './step-check.ts'

/** A meter's last self-test, the report to keep. */
export interface SelfTestReport extends Omit<FactTypes['MeterSelfTested'], 'meter'> {
  readonly meter: MeterId
  readonly at: Instant
}

export const selfTestReports: ProjectionDefinition<SelfTestReport> = {
  name: 'meter-self-test',
  keys: ({ fact }) => (fact.type === 'MeterSelfTested' ? [fact.data.meter] : []),
  next: (row, { fact }) => (fact.type === 'MeterSelfTested' ? { ...fact.data, at: fact.occurred_at } : row),
}

/** A known load's step that a meter saw, as facts hold it. */
export type StepFact = FactTypes['MeterStepSeen']

/** The last step that told something, while meter and wiring are the same. */
export const stepsSeen: ProjectionDefinition<StepFact> = {
  name: 'meter-step-seen',
  keys: ({ fact }) => (fact.type === 'MeterStepSeen' ? [fact.data.meter] : []),
  next: (row, { fact }) => (fact.type === 'MeterStepSeen' ? fact.data : row),
}

/** The verdict that a stored step stands for. */
export function verdictOf({ verdict, ratio, map, reversed, text }: StepFact): StepVerdict {
  if (verdict === 'fits') return { kind: 'fits', ratio }
  const seenAt: SeenAt = map ?? { l1: 'l1', l2: 'l2', l3: 'l3' }
  return { kind: 'wrong', ratio, map: seenAt, reversed, text }
}
