import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { PHASES } from '@busbar/units/per-phase.ts'
import { minutes } from '@busbar/units/time.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FleetCloud, PASSWORD } from './fleet-cloud.ts'
import { freePort } from './free-port.ts'
import { TestDepot } from './test-depot.ts'

describe('the cloud away', () => {
  const clock = new FakeClock()
  let folder: string
  let cloud: FleetCloud
  let test: TestDepot
  const seen = { used: [] as number[], worstA: 0, states: new Set<string>(), unsent: 0 }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'busbar-cloud-away-'))
    cloud = new FleetCloud({ folder, mqttPort: await freePort(), clock })
    await cloud.start()
    test = await TestDepot.start(
      {
        gridA: 250,
        otherA: 60,
        feeders: [{ id: 'f1', ratingA: 100 }],
        stations: ['A', 'B', 'C', 'D'].map((id) => ({ id, feeder: 'f1' })),
        vehicles: ['v1', 'v2', 'v3', 'v4'],
        cloud: { url: cloud.url, password: PASSWORD },
      },
      clock,
    )
    for (const [index, station] of ['A', 'B', 'C'].entries()) test.plugIn(station, `v${index + 1}`)
    await test.pass(minutes(3))
    await test.untilReally('the cloud has every fact', allCommitted)

    await cloud.stop()
    await test.pass(minutes(30), look)
    test.depot.station('A').unplug()
    test.plugIn('D', 'v4')
    await test.pass(minutes(30), look)
    seen.unsent = test.edge.cloud().unsent
    await cloud.start()
    await test.untilReally('the cloud has every fact again', allCommitted)
  }, 180_000)
  afterAll(async () => {
    await test.stop()
    await cloud.stop()
    await rm(folder, { recursive: true, force: true })
  })

  function look() {
    const offered = test.live().evses.reduce((sum, { offered_a: limit }) => sum + (limit ?? 0), 0)
    seen.used.push(offered)
    seen.worstA = Math.max(seen.worstA, ...PHASES.map((phase) => test.drawnA('f1')[phase]))
    seen.states.add(test.edge.cloud().state)
  }

  async function allCommitted(): Promise<boolean> {
    const { unsent, state } = test.edge.cloud()
    return state === 'live' && unsent === 0 && (await cloud.committed()) === test.edge.cloud().acked
  }

  it('changes nothing in the depot: the feeder is used and never exceeded, and vehicles start and stop', () => {
    expect(seen.worstA).toBeLessThanOrEqual(100)
    const settled = seen.used.slice(120, 1700)
    expect(Math.min(...settled)).toBeGreaterThan(85)
    expect(test.evse('D').energy_wh).toBeGreaterThan(0)
    expect(test.evse('A').transaction).toBeNull()
  })

  it('is said to be away, with what has not been sent', () => {
    expect(seen.states.has('live')).toBe(false)
    expect(seen.unsent).toBeGreaterThan(100)
  })

  it('holds every fact exactly once afterwards, in order', async () => {
    const facts = await cloud.facts()
    expect(facts.map(({ seq }) => seq)).toEqual(
      Array.from({ length: test.edge.cloud().acked }, (_, index) => index + 1),
    )
    const ended = facts.filter(({ type }) => type === 'TransactionEnded')
    const started = facts.filter(({ type }) => type === 'TransactionStarted')
    expect(started.length).toBe(4)
    expect(ended.length).toBe(1)
  })
})
