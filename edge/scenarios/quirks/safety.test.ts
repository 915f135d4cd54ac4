import { minutes, seconds } from '@busbar/units/time.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FeederWatch } from '../feeder-watch.ts'
import { TestDepot } from '../test-depot.ts'
import { QuirkDepot } from './quirk-depot.ts'

/** Quirks by which a limit may not bound what flows, each on a feeder of its own. */
const ODD = {
  spike: { 'profile.spike-on-set-s': 15 },
  twice: { 'profile.resend-after-zero': true },
  forgets: { 'profile.lost-on-reconnect': true },
  key: { 'profile.limit-via': { key: 'MaxCurrent', unit: 'A' } },
  watts: { 'profile.unit': 'W' },
  nodefault: { 'profile.purposes': ['TxProfile'] },
  auto: { 'start.auto': true },
  infer: { 'transaction.infer-start': true },
  ends: { 'profile.zero': 'ends' },
  unread: { 'profile.verify': 'meter' },
} as const
type Id = keyof typeof ODD
const IDS = Object.keys(ODD) as Id[]
/** Room for the odd station, a sound one and a little more: three cannot charge at full power. */
const FEEDER_A = 70

let depot: TestDepot
const watches = new Map<Id, FeederWatch>()
const look = () => {
  for (const watch of watches.values()) watch.look()
}
beforeAll(async () => {
  depot = await TestDepot.start({
    gridA: 4000,
    otherA: 60,
    feeders: IDS.map((id) => ({ id, ratingA: FEEDER_A })),
    stations: IDS.flatMap((id) => [
      { id, feeder: id, quirks: ODD[id] },
      { id: `${id}-2`, feeder: id },
      { id: `${id}-3`, feeder: id },
    ]),
    vehicles: IDS.flatMap((id) => [`v-${id}`, `v-${id}-2`, `v-${id}-3`]),
  })
  await depot.pass(seconds(45))
  const odd = new QuirkDepot(depot)
  odd.allow('auto')
  for (const id of IDS) watches.set(id, new FeederWatch(depot, id, FEEDER_A))
  // The odd one charges at full power and leaves; what it was allowed may linger.
  for (const id of IDS) odd.plugIn(id)
  await depot.pass(seconds(40), look)
  for (const id of IDS) odd.at(id).unplug()
  for (const id of IDS) for (const end of ['-2', '-3']) odd.plugIn(`${id}${end}`)
  await depot.pass(minutes(1), look)
  for (const id of IDS) odd.plugIn(id)
  await depot.pass(minutes(1), look)
  for (const id of IDS) odd.override(id, 0)
  await depot.pass(seconds(30), look)
  for (const id of IDS) odd.override(id, 10)
  await depot.pass(minutes(1), look)
  for (const id of IDS) await depot.cut(id)
  await depot.pass(seconds(20), look)
  for (const id of IDS) odd.at(id).restoreLink()
  await depot.pass(minutes(1), look)
})
afterAll(() => depot.stop())

describe('a full feeder is never overloaded, nor could be, by a station with', () => {
  test.each(IDS)('%s', (id) => {
    const watch = watches.get(id)
    expect(watch?.mostA).toBeGreaterThan(50)
    expect(watch?.mostA).toBeLessThanOrEqual(FEEDER_A)
    expect(watch?.committedOverA).toBeLessThanOrEqual(0)
    expect(watch?.unsafeRaises).toBe(0)
  })
})
