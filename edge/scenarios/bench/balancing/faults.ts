import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { type Said, Stage } from '../../../control/testing/stage.ts'
import type { StationAnswer } from '../../../domain/commands.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../../domain/site/example-site.ts'
import { type Random, seededRandom, within } from '../../../simulators/random.ts'
import type { Outcome } from './outcome.ts'

const STATIONS = Array.from({ length: 12 }, (_, n) => `S${String(n + 1).padStart(2, '0')}`)
const RATING_A = 160
const BASE_A = 40
const FALLBACK_A = 6
const LOST = 0.2
const OFFLINE = 0.1
/** The meter says nothing in here, and the controller is killed at the end of it, s. */
const SILENT = { from: 600, until: 700 }
const KILLED = 1200

/** A station that falls back when its lease ends, and the way to it, on which messages get lost and overtake each other. */
class FaultyStation {
  readonly id: string
  connection = 0
  online = true
  /** When it is back, s. */
  backAt = 0
  drawA = 0
  #limitA = FALLBACK_A
  #leaseEnd = Number.POSITIVE_INFINITY
  readonly #random: Random
  readonly #coming: { readonly at: number; readonly run: () => void }[] = []

  constructor(id: string, random: Random) {
    this.id = id
    this.#random = random
  }

  /** A request is on its way; its answer comes later, or never. */
  hear(said: Said, now: number): StationAnswer | null {
    if (!this.online) return { status: 'not-sent', reason: 'offline' }
    const lost = this.#random.next() < LOST
    // Lost is either the request or its answer; the sender cannot tell.
    const applied = !lost || this.#random.next() < 0.5
    const arrives = now + within(this.#random, 0, 5)
    if (applied) this.#coming.push({ at: arrives, run: () => this.#apply(said, arrives) })
    const answer: StationAnswer = lost
      ? { status: 'unanswered', reason: 'timeout', detail: 'no answer' }
      : { status: 'accepted' }
    this.#coming.push({
      at: lost ? now + 30 : arrives + within(this.#random, 0, 3),
      run: () => said.answer(answer),
    })
    return null
  }

  #apply({ command }: Said, now: number): void {
    if (command.kind !== 'set-transaction-limit' || !('limit_a' in command.limit)) return
    this.#limitA = command.limit.limit_a
    this.#leaseEnd = command.lease === null ? Number.POSITIVE_INFINITY : now + command.lease / 1000
  }

  /** What has arrived takes effect, and the draw follows within seconds. */
  step(now: number): void {
    for (const message of this.#coming.filter(({ at }) => at <= now)) {
      this.#coming.splice(this.#coming.indexOf(message), 1)
      message.run()
    }
    const allowed = now > this.#leaseEnd ? FALLBACK_A : this.#limitA
    this.drawA = Math.min(allowed, this.drawA + 4)
  }
}

interface Run {
  readonly seconds: number
  readonly stations: readonly FaultyStation[]
  readonly random: Random
  readonly clock: FakeClock
}

/** The control loop itself, against stations and a meter that fail: how much too much flows, and how long it takes to recover. */
export async function faults(of: { seconds: number; seed: number }, outcome: Outcome): Promise<void> {
  const random = seededRandom(of.seed)
  const run: Run = {
    ...{ seconds: of.seconds, random, clock: new FakeClock() },
    stations: STATIONS.map((id) => new FaultyStation(id, random.fork(id))),
  }
  const site = exampleSite(
    [exampleCircuit('grid', { ratingA: RATING_A, meter: 'GRID' })],
    STATIONS.map((id) => exampleEvse(id, 'grid', { fallbackA: FALLBACK_A })),
  )
  const first = new Stage({ clock: run.clock, site })
  const [before, served] = await period(run, first, { from: 0, until: Math.min(KILLED, of.seconds) })
  first.control.stop()
  const second = new Stage({ clock: run.clock, site, store: first.store })
  const [after, later, recovered] = await period(run, second, { from: KILLED, until: of.seconds })
  const use = (100 * (served + later)) / (of.seconds * (RATING_A - BASE_A))
  outcome.say(
    `\nfaults      ${STATIONS.length} stations, ${of.seconds} s, ${100 * LOST} % of messages lost, ${100 * OFFLINE} % of stations away: ${(before + after).toFixed(1)} A·s too much, ${use.toFixed(1)} % of the room used, ${recovered} s from the kill to the first raise`,
  )
  outcome.figure('overload_as', before + after, 1)
  outcome.figure('recovery_s', recovered, 0)
  if (before + after > 0) outcome.fail(`${before + after} A·s of overload`)
}

type Period = readonly [overloadAs: number, servedAs: number, recoveredS: number]

/** From one start of the loop on: overload, what is served, and when the first limit above a fallback leaves. */
async function period(
  run: Run,
  stage: Stage,
  { from, until }: { from: number; until: number },
): Promise<Period> {
  const byId = new Map(run.stations.map((station) => [station.id, station]))
  const total = () => run.stations.reduce((sum, { drawA }) => sum + drawA, BASE_A)
  let now = from
  let [overload, served, recovered] = [0, 0, until - from]
  stage.poll('GRID', () => (now >= SILENT.from && now < SILENT.until ? null : { a: total() }))
  if (from === 0) await calmStart(run, stage)
  stage.reply = (said) => byId.get(said.station)?.hear(said, now) ?? null
  if (from > 0) await restart(run, stage)
  const before = stage.said.length
  for (; now < until; now++) {
    await stage.pass(seconds(1))
    for (const station of run.stations) station.step(now)
    await comeAndGo(run, stage, now)
    overload += Math.max(0, total() - RATING_A)
    served += total() - BASE_A
    if (recovered === until - from && raisedSince(stage, before)) recovered = now - from
  }
  return [overload, served, recovered]
}

/** Whether a limit has left that is above the one before it for the same station; the first of a run is none. */
function raisedSince({ said }: Stage, from: number): boolean {
  const last = new Map<string, number>()
  return said.slice(from).some(({ station, command }) => {
    if (command.kind !== 'set-transaction-limit' || !('limit_a' in command.limit)) return false
    const before = last.get(station)
    last.set(station, command.limit.limit_a)
    return before !== undefined && command.limit.limit_a > before
  })
}

/** All come and begin to charge while nothing fails yet. */
async function calmStart({ stations }: Run, stage: Stage): Promise<void> {
  await stage.start()
  for (const station of stations) station.connection = await stage.join(station.id)
  await stage.pass(seconds(40))
  for (const [n, { id }] of stations.entries()) await stage.charge(id, `TAG-${n + 1}`)
}

/** The loop begins anew over its store, and the stations that are there come back to it. */
async function restart({ stations }: Run, stage: Stage): Promise<void> {
  await stage.start()
  for (const station of stations) {
    if (!station.online) continue
    station.connection = await stage.connect(station.id)
    stage.boot(station.id)
  }
}

/** Stations report each 10 s; one of them goes now and then, and comes back minutes later. */
async function comeAndGo({ stations, random }: Run, stage: Stage, now: number): Promise<void> {
  for (const [n, station] of stations.entries()) {
    if (station.online && now % 10 === n % 10) stage.draw(station.id, station.drawA)
    // Away for 180 s in the mean, so that a share of OFFLINE is at any time.
    if (station.online && random.next() < OFFLINE / (1 - OFFLINE) / 180) {
      station.online = false
      station.backAt = now + Math.round(within(random, 60, 300))
      await stage.leave(station.id, station.connection)
    } else if (!station.online && now >= station.backAt) {
      station.online = true
      station.connection = await stage.connect(station.id)
      stage.boot(station.id)
    }
  }
}
