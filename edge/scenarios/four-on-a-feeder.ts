import { minutes } from '@busbar/units/time.ts'
import type { DepotOf } from './depot-of.ts'
import { FeederWatch } from './feeder-watch.ts'
import { TestDepot } from './test-depot.ts'

export const FEEDER_A = 100
export const FOUR = ['A', 'B', 'C', 'D'] as const

/** Four 32 A stations on a feeder of 100 A; those named charge. */
export async function fourOnAFeeder(
  charging: readonly string[] = FOUR,
  more: Partial<DepotOf> = {},
): Promise<{ test: TestDepot; feeder: FeederWatch }> {
  const test = await TestDepot.start({
    gridA: 250,
    otherA: 60,
    feeders: [{ id: 'f1', ratingA: FEEDER_A }],
    stations: FOUR.map((id) => ({ id, feeder: 'f1' })),
    vehicles: FOUR.map((id) => `v-${id}`),
    ...more,
  })
  await test.until('every station is reconciled', () => test.edge.control.depot.ready, minutes(2))
  for (const station of charging) test.plugIn(station, `v-${station}`)
  await test.pass(minutes(2))
  return { test, feeder: new FeederWatch(test, 'f1', FEEDER_A) }
}

export const incidentCodes = (test: TestDepot): readonly string[] =>
  test.live().incidents.map(({ code }) => code)

/** What a station is offered, A; 0 when nothing runs. */
export const offered = (test: TestDepot, ...stations: readonly string[]): number =>
  stations.reduce((sum, station) => sum + (test.evse(station).offered_a ?? 0), 0)

/** What the decision counts an EVSE at, A. */
export const heldA = (test: TestDepot, station: string): number =>
  (test.edge.control.decision().snapshot.evses.find(({ key }) => key === `${station}/1`)?.hold ?? 0) / 1000
