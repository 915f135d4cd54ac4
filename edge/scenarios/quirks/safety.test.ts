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
  bare: { 'profile.purposes': ['TxProfile'] },
  auto: { 'start.auto': true },
  infer: { 'transaction.infer-start': true },
  ends: { 'profile.zero': 'ends' },
  unread: { 'profile.verify': 'meter' },
} as const
type Id = keyof typeof ODD
/** In OCPP 2.0.1 too, where there is that quirk. */
const NEWER = ['spike', 'twice', 'forgets', 'watts', 'bare', 'auto', 'ends', 'unread'] as const
const STATIONS = [
  ...Object.keys(ODD).map((id) => ({ id, quirks: ODD[id as Id] })),
  ...NEWER.map((id) => ({ id: `${id}-201`, quirks: ODD[id], version: '2.0.1' as const })),
]
const IDS = STATIONS.map(({ id }) => id)
/** Room for the odd station, a sound one and a little more: three cannot charge at full power. */
const FEEDER_A = 70

let depot: TestDepot
const watches = new Map<string, FeederWatch>()
const look = () => {
  for (const watch of watches.values()) watch.look()
}
beforeAll(async () => {
  depot = await TestDepot.start({
    gridA: 4000,
    otherA: 60,
    feeders: IDS.map((id) => ({ id, ratingA: FEEDER_A })),
    stations: STATIONS.flatMap((station) => [
      { ...station, feeder: station.id },
      { id: `${station.id}-2`, feeder: station.id },
      { id: `${station.id}-3`, feeder: station.id },
    ]),
    vehicles: IDS.flatMap((id) => [`v-${id}`, `v-${id}-2`, `v-${id}-3`]),
  })
  await depot.pass(seconds(45))
  const odd = new QuirkDepot(depot)
  for (const id of ['auto', 'auto-201']) odd.allow(id)
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

describe('a full feeder is not overloaded by a station with', () => {
  test.each(IDS)('%s', (id) => {
    const watch = watches.get(id)
    expect(watch?.mostA).toBeGreaterThan(50)
    expect(watch?.mostA).toBeLessThanOrEqual(FEEDER_A)
    // In OCPP 2.0.1 a vehicle that is plugged in may be charging for all that is known, and is counted so before any room
    // was made for it.
    if (!id.endsWith('-201')) expect(watch?.committedOverA).toBeLessThanOrEqual(0)
    expect(watch?.unsafeRaises).toBe(0)
  })
})
