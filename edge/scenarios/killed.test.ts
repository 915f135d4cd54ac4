import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatScaledTime, type ScaledTime } from '@busbar/model/scaled-time.ts'
import { PHASES } from '@busbar/units/per-phase.ts'
import { instant, milliseconds } from '@busbar/units/time.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SimulatorClock } from '../simulators/clock.ts'
import { startVirtualDepot, type VirtualDepot } from '../simulators/depot/depot.ts'
import { onSite } from '../simulators/depot/plant.ts'
import { knownProfile } from '../simulators/meter/known-profile.ts'
import { seededRandom } from '../simulators/random.ts'
import { depotYaml, stationPlan } from './depot-of.ts'
import { EdgeProcess } from './edge-process.ts'
import { type CloudFact, FleetCloud, PASSWORD } from './fleet-cloud.ts'
import { freePort } from './free-port.ts'

interface End {
  readonly transaction: string
  readonly meter_stop_wh: number
}

const KILLS = 50
const SEED = 20261121
const STATIONS = ['A', 'B', 'C', 'D', 'E', 'F'].map((id) => ({ id, feeder: 'f1' }))
/** Six stations of 32 A on it: too small for all at once. */
const FEEDER_A = 100
const SCALE = 20
/** How often the simulated world is looked at and something may happen in it. */
const STEP = milliseconds(100)

describe(`the edge killed at ${KILLS} random moments`, () => {
  const now = Date.now()
  const time: ScaledTime = { anchor: instant(now), origin: instant(Date.UTC(2026, 10, 21, 18)), scale: SCALE }
  const clock = new SimulatorClock(time)
  const random = seededRandom(SEED)
  let folder: string
  let cloud: FleetCloud
  let edge: EdgeProcess
  let depot: VirtualDepot
  let facts: readonly CloudFact[]
  let worstA = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'busbar-killed-'))
    const [ocppPort, httpPort, mqttPort] = [await freePort(), await freePort(), await freePort()]
    cloud = new FleetCloud({ folder, mqttPort, clock })
    await cloud.start()
    depot = await makeDepot(ocppPort)
    await depot.start()
    const config = join(folder, 'depot.yaml')
    const of = {
      gridA: 300,
      otherA: 60,
      feeders: [{ id: 'f1', ratingA: FEEDER_A }],
      stations: STATIONS,
      vehicles: STATIONS.map(({ id }) => `v-${id}`),
      cloud: { url: cloud.url, password: PASSWORD },
    }
    await writeFile(
      config,
      depotYaml(of, { data: join(folder, 'data'), meterPort: depot.meterPort, ocppPort, httpPort }),
    )
    edge = new EdgeProcess({ config, clock: formatScaledTime(time), folder })

    for (let kill = 0; kill < KILLS; kill++) {
      edge.start()
      await untilReceipts(depot.receipts().length + 1 + Math.floor(random.next() * 12))
      for (let turns = Math.floor(random.next() * 60); turns > 0; turns--) await step()
      await edge.kill()
    }
    edge.start()
    for (const { id } of STATIONS) depot.station(id).unplug()
    await until('every station has told everything', async () =>
      depot.stations.every((station) => station.online && station.queued === 0 && !station.charging),
    )
    await until('the cloud has every fact', async () => {
      const { cloud: link } = await site(httpPort)
      return link.state === 'live' && link.unsent === 0
    })
    await edge.stop()
    facts = await cloud.facts()
  }, 400_000)
  afterAll(async () => {
    await edge.stop()
    await depot.stop()
    await cloud.stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function makeDepot(ocppPort: number): Promise<VirtualDepot> {
    const profile = await knownProfile('janitza-umg')
    return startVirtualDepot(
      {
        seed: SEED,
        ocppUrl: `ws://127.0.0.1:${ocppPort}/ocpp`,
        meter: { profile, port: 0, unit: 1 },
        stations: STATIONS.map(stationPlan),
        building: { nightW: 20_000, peakW: 25_000, noiseW: 500, steps: [] },
        fleet: [],
      },
      { clock },
    )
  }

  /** Vehicles come and go all the time, so that kills fall into starts and stops; the feeder is watched throughout. */
  async function step(): Promise<void> {
    await new Promise<void>((passed) => clock.timer(STEP, passed))
    const roll = random.next()
    const of = STATIONS[Math.floor(random.next() * STATIONS.length)]
    if (of === undefined) return
    const station = depot.station(of.id)
    if (station.vehicle === null && roll < 0.08)
      station.plugIn(
        depot.vehicle({
          id: `v-${of.id}`,
          idToken: `TAG-v-${of.id}`,
          batteryWh: 300_000,
          socPct: 30,
          phases: 3,
          maxAcW: 22_000,
          maxDcW: 50_000,
        }),
      )
    else if (station.vehicle !== null && roll < 0.012) station.unplug()
    if (roll > 0.5)
      worstA = Math.max(
        worstA,
        ...PHASES.map((phase) => STATIONS.reduce((sum, { id }) => sum + drawA(id, phase), 0)),
      )
  }

  function drawA(id: string, phase: (typeof PHASES)[number]): number {
    const station = depot.station(id)
    return onSite({ currentA: station.read().currentA, powerFactor: 1, rotation: station.plan.rotation })[
      phase
    ]
  }

  async function untilReceipts(count: number): Promise<void> {
    const deadline = performance.now() + 60_000
    while (depot.receipts().length < count) {
      await step()
      edge.check()
      if (performance.now() > deadline)
        throw new Error(`no ${count} receipts within a minute; ${depot.receipts().length} so far`)
    }
  }

  async function until(what: string, test: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 90_000
    while (!(await test().catch(() => false))) {
      if (performance.now() > deadline) throw new Error(`not within 90 s: ${what}`)
      await new Promise<void>((passed) => clock.timer(STEP, passed))
    }
  }

  const site = async (port: number) =>
    (await (await fetch(`http://127.0.0.1:${port}/api/v1/site`)).json()) as {
      cloud: { state: string; unsent: number }
    }

  const dataOf = <T>(type: string): T[] =>
    facts
      .filter((fact) => fact.type === type)
      .map(({ record }) => (JSON.parse(record ?? '{}') as { data: T }).data)

  it('loses nothing that a station was told we have', () => {
    const starts = new Map(
      dataOf<{ transaction: string; meter_start_wh: number }>('TransactionStarted').map((start) => [
        start.transaction,
        start,
      ]),
    )
    const ends = new Map(
      [...dataOf<End>('TransactionEnded'), ...dataOf<End>('TransactionCorrected')].map((end) => [
        end.transaction,
        end,
      ]),
    )
    const receipts = depot.receipts()
    expect(receipts.filter(({ kind }) => kind === 'start').length).toBeGreaterThan(10)
    expect(receipts.filter(({ kind }) => kind === 'stop').length).toBeGreaterThan(10)
    for (const { kind, transactionId, meterWh } of receipts) {
      const transaction = String(transactionId)
      expect(starts.has(transaction)).toBe(true)
      if (kind === 'start') expect(starts.get(transaction)?.meter_start_wh).toBe(meterWh)
      if (kind === 'stop') expect(ends.get(transaction)?.meter_stop_wh).toBe(meterWh)
    }
  })

  it('doubles nothing: each transaction starts once and ends once, and each start is one transaction', () => {
    const starts = dataOf<{ transaction: string; start_key: string }>('TransactionStarted')
    const ends = dataOf<{ transaction: string }>('TransactionEnded')
    expect(new Set(starts.map(({ transaction }) => transaction)).size).toBe(starts.length)
    expect(new Set(starts.map(({ start_key: key }) => key)).size).toBe(starts.length)
    expect(new Set(ends.map(({ transaction }) => transaction)).size).toBe(ends.length)
    expect(ends.length).toBe(starts.length)
  })

  it('gives the cloud one unbroken log in one epoch, with every start of the program in it', () => {
    expect(facts.map(({ seq }) => seq)).toEqual(facts.map((_, index) => index + 1))
    expect(dataOf('EpochStarted').length).toBe(1)
    expect(dataOf('ControllerStarted').length).toBeGreaterThan(KILLS / 2)
  })

  it('never lets the feeder carry more than its rating, before, between and after', () => {
    expect(worstA).toBeGreaterThan(30)
    expect(worstA).toBeLessThanOrEqual(FEEDER_A)
  })
})
