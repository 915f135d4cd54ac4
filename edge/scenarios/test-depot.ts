import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { type PerPhase, perPhase } from '@busbar/units/per-phase.ts'
import { type Duration, milliseconds, minutes, seconds } from '@busbar/units/time.ts'
import { pino } from 'pino'
import { vi } from 'vitest'
import type { TransactionRecord } from '../domain/ports/projections.ts'
import { type Edge, startEdge } from '../main.ts'
import { startVirtualDepot, type VirtualDepot } from '../simulators/depot/depot.ts'
import { onSite } from '../simulators/depot/plant.ts'
import type { VehiclePlan } from '../simulators/depot/vehicle.ts'
import { knownProfile } from '../simulators/meter/known-profile.ts'
import { BATTERY_KWH, type DepotOf, depotYaml, SITE_METER, stationPlan } from './depot-of.ts'
import { freePort } from './free-port.ts'
import { LostFrames } from './lost-frames.ts'
import { feederLines } from './meter-ways.ts'
import { quiet } from './quiet.ts'
import { writeQuirkProfiles } from './quirk-profiles.ts'
import { readsUnderway, requestsHeard } from './reads-underway.ts'

/** Scenarios take many turns of the event loop, on a machine that may be busy with other things. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

/** Clock time that passes between two looks at the world. */
const STEP = seconds(1)
const SLICE = milliseconds(50)
const SLICE_STILL_TURNS = 4

/** The real edge program and the simulated depot in one process, on one clock that moves only when the test says so. */
export class TestDepot {
  readonly clock: FakeClock
  readonly of: DepotOf
  edge!: Edge
  depot!: VirtualDepot
  /** Holds depot.yaml and the data folder, `data`. */
  readonly folder: string
  #ocppPort = 0

  private constructor(of: DepotOf, folder: string, clock: FakeClock) {
    this.of = of
    this.folder = folder
    this.clock = clock
  }

  static async start(of: DepotOf, clock = new FakeClock(of.startMs)): Promise<TestDepot> {
    const test = new TestDepot(of, await mkdtemp(join(tmpdir(), 'busbar-scenario-')), clock)
    const meterPort = await test.#startDepot()
    await test.#startEdge(meterPort)
    return test
  }

  async stop(): Promise<void> {
    await this.depot.stop()
    await this.edge.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Stops the edge as a restart would and starts it again on the same data and ports. */
  async restartEdge(): Promise<void> {
    await this.edge.stop()
    await this.#startEdge(this.depot.meterPort)
  }

  /** Lets clock time pass in steps, each only after all messages of the one before have been dealt with. */
  async pass(time: Duration, each?: () => void): Promise<void> {
    for (let passed = 0; passed < time; passed += STEP) {
      await this.#advance(Math.min(STEP, time - passed))
      each?.()
    }
  }

  /** Passes time until `test` holds; fails naming `what` after `atMost`. */
  async until(what: string, test: () => boolean, atMost: Duration = minutes(10)): Promise<void> {
    for (let passed = 0; !test(); passed += STEP) {
      if (passed >= atMost) throw new Error(`not within ${atMost / 1000} s: ${what}`)
      await this.#advance(STEP)
    }
  }

  /**
   * Passes time until `test` holds of something outside the depot, which takes real time to follow; fails naming `what`
   * after a minute of it.
   */
  async untilReally(what: string, test: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 60_000
    while (!(await test())) {
      if (performance.now() > deadline) throw new Error(`not within a minute: ${what}`)
      await this.#advance(STEP)
    }
  }

  /** A scan of several requests waits for the clock in between: where there are such, it moves in slices. */
  async #advance(by: number): Promise<void> {
    const slice = this.#slices ? SLICE : STEP
    for (let done = 0; done < by; done += slice) {
      if (done > 0) await this.#readsSettle()
      this.clock.advance(Math.min(slice, by - done) as Duration)
    }
    await this.settle()
  }

  /** What meters and reader have to say to each other is said; messages of stations may still be under way. */
  #readsSettle(): Promise<void> {
    return quiet(() => {
      const { meters } = this.edge.activity()
      const underway = this.#readsUnderway(meters)
      return { moved: [meters.requests, meters.scans], underway, hesitant: false }
    }, SLICE_STILL_TURNS)
  }

  async settle(): Promise<void> {
    await quiet(() => {
      const edge = this.edge.activity()
      const depot = this.depot.activity()
      const frames = this.#frames.underway(edge.ocpp, depot)
      return {
        moved: [
          edge.ocpp.framesIn,
          edge.ocpp.framesOut,
          depot.framesSent,
          depot.framesReceived,
          edge.meters.requests,
          edge.sensors?.packets ?? 0,
          edge.storeBacklog,
        ],
        underway:
          edge.recording ||
          edge.planning ||
          edge.storeBacklog > 0 ||
          this.#readsUnderway(edge.meters) ||
          depot.connecting ||
          (frames && this.of.losesFrames !== true),
        hesitant:
          frames || depot.busy || edge.ocpp.working > 0 || (!this.#slices && edge.meters.inFlight > 0),
      }
    })
    if (this.of.losesFrames === true) this.#frames.giveUp(this.edge.activity().ocpp, this.depot.activity())
  }

  /** Whether a request or an answer is on its way; one that the meters owe may wait for the clock. */
  #readsUnderway(meters: ReturnType<Edge['activity']>['meters']): boolean {
    if (this.#meterSilent) return false
    if (!this.#slices) return meters.inFlight > 0
    return readsUnderway(this.depot.meterLines(), meters, this.#requestsBefore)
  }

  /** The meter takes requests and never answers; their replies are no longer waited for. */
  async silenceMeter(): Promise<void> {
    this.#meterSilent = true
    await this.depot.meter.faults.set({ kind: 'dropReply' })
  }

  async restoreMeter(): Promise<void> {
    await this.depot.meter.faults.set({ kind: 'none' })
    await this.until(
      'the pending read has been given up',
      () => this.edge.activity().meters.inFlight === 0,
      minutes(1),
    )
    this.#meterSilent = false
  }

  get #slices(): boolean {
    return this.of.feederMeters !== undefined || (this.of.meterWay ?? 'tcp') !== 'tcp'
  }

  #meterSilent = false
  readonly #frames = new LostFrames()
  #requestsBefore = 0

  /** Cuts a station's line once all is quiet, so that no message dies with it, and waits until the edge has seen it. */
  async cut(station: string): Promise<void> {
    await this.settle()
    this.depot.station(station).cutLink()
    await quiet(() => ({ moved: [], underway: this.evse(station).online, hesitant: false }))
    await this.settle()
  }

  #countAnew(): void {
    this.#frames.countAnew(this.depot.activity(), this.of.foreign !== undefined)
    this.#requestsBefore = requestsHeard(this.depot.meterLines())
  }

  /** All transactions there ever were, from the store by way of the API. */
  async transactions(): Promise<readonly TransactionRecord[]> {
    const url = `${this.edge.httpAddress}/api/v1/transactions?from=2020-01-01T00:00:00Z&limit=1000`
    const answer = (await (await fetch(url)).json()) as { transactions: TransactionRecord[] }
    return answer.transactions
  }

  live() {
    return this.edge.control.live()
  }

  evse(station: string) {
    const found = this.live().evses.find((evse) => evse.station === station)
    if (!found) throw new Error(`no EVSE of station ${station}`)
    return found
  }

  /** What the vehicles really draw, A per conductor, by circuit; the grid with the building. */
  drawnA(circuit: string): PerPhase<number> {
    if (circuit === 'grid') return this.depot.drawA()
    const loads = this.depot.stations
      .filter(({ id }) => this.of.stations.some((station) => station.id === id && station.feeder === circuit))
      .map((station) =>
        onSite({
          currentA: station.read().currentA,
          powerFactor: station.powerFactor,
          rotation: station.plan.rotation,
        }),
      )
    return perPhase((phase) => loads.reduce((sum, load) => sum + load[phase], 0))
  }

  plugIn(station: string, vehicle: string, plan: Partial<VehiclePlan> = {}): void {
    this.depot.station(station).plugIn(
      this.depot.vehicle({
        id: vehicle,
        idToken: `TAG-${vehicle}`,
        batteryWh: BATTERY_KWH * 1000,
        socPct: 30,
        phases: 3,
        maxAcW: 22_000,
        maxDcW: 150_000,
        ...plan,
      }),
    )
  }

  async #startDepot(): Promise<number> {
    const profile = await knownProfile(this.of.meterProfile ?? SITE_METER)
    this.#ocppPort = await freePort()
    this.depot = startVirtualDepot(
      {
        seed: this.of.seed ?? 7,
        ocppUrl: `ws://127.0.0.1:${this.#ocppPort}/ocpp`,
        meter: { profile, port: 0, unit: 1, kind: this.of.meterWay ?? 'tcp' },
        feederLines: await feederLines(this.of.feederMeters, this.of.stations),
        stations: this.of.stations.map(stationPlan),
        building: { nightW: 20_000, peakW: 30_000, noiseW: 500, steps: [] },
        fleet: this.of.fleet ?? [],
      },
      { clock: this.clock },
    )
    for (const [id, how] of Object.entries(this.of.misbehaving ?? {})) this.depot.station(id).misbehave(how)
    await this.depot.start()
    return this.depot.meterPort
  }

  async #startEdge(meterPort: number): Promise<void> {
    const config = join(this.folder, 'depot.yaml')
    const profiles = await writeQuirkProfiles(join(this.folder, 'profiles'), this.of.stations)
    await writeFile(
      config,
      depotYaml(this.of, {
        ...{ data: join(this.folder, 'data'), meterPort, ocppPort: this.#ocppPort },
        lines: this.depot.meterLines(),
        ...(profiles === null ? {} : { profiles }),
      }),
    )
    this.#countAnew()
    this.edge = await startEdge({ config, clock: this.clock, log: this.of.log ?? pino({ level: 'silent' }) })
    await this.settle()
  }
}
