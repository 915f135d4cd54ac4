import { between, type Instant, seconds } from '@busbar/units/time.ts'
import type { Depot } from '../../depot.ts'
import type { HeardSample, Run } from '../run.ts'
import { seeReports } from '../sight.ts'

/** A stamp this far off is wrong, s. */
const OFF_S = 60
const COMES_RIGHT = seconds(180)

/** How far a sample's own stamp is off, s; null where it has none with a zone. */
export function stampOffS({ sample, at }: HeardSample): number | null {
  const stated = sample.time.stated?.trim() ?? ''
  if (!/(?:z|[+-]\d\d:?\d\d)$/i.test(stated)) return null
  const off = (Date.parse(stated) - at) / 1000
  return Number.isFinite(off) ? off : null
}

const isWrong = (heard: HeardSample): boolean => Math.abs(stampOffS(heard) ?? 0) > OFF_S

/** Stamps that were right before a restart and are wrong after it: how long they stay so. */
export async function bootClock(depot: Depot, run: Run, bootedAt: Instant): Promise<string | null> {
  const since = () => run.heard.filter(({ at }) => at >= bootedAt)
  const before = run.heard.findLast(({ at }) => at < bootedAt)
  if ((before !== undefined && isWrong(before)) || !since().some(isWrong)) return null
  const right = () => since().find((heard) => heard.at > (since().findLast(isWrong)?.at ?? heard.at))
  await seeReports(depot, run, { holds: () => right() !== undefined, atMost: COMES_RIGHT })
  const first = right()
  if (first === undefined) return 'since its restart its clock is wrong'
  const takes = Math.ceil(between(bootedAt, first.at) / 1000)
  const text = `its clock was wrong for ${takes} s after its restart`
  run.saw('clock.distrust-after-boot-s', takes, text)
  return text
}
