import { as, type StationId, type TransactionId } from '@busbar/model/ids.ts'
import { amps, watts } from '@busbar/units/electricity.ts'
import { instant, milliseconds, monotonic } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  acceptedDefault,
  acceptedLimit,
  emptyLedger,
  type LimitLedger,
  limitLedgers,
  newestLimit,
} from '../charging/limit-ledger.ts'
import type { Fact, FactTypes } from '../facts.ts'
import { exampleEvse } from '../site/example-site.ts'
import { type EvseUse, fallbackLevel, holdLevel, type LimitTimes, lapsed } from './hold.ts'
import { unobserved } from './observation.ts'
import { type Offline, ReferenceStation, type Sent } from './reference-station.ts'
import { levelOf } from './rows.ts'

const LEASE = 300_000
const RATING = 32_000
const evse = exampleEvse('A', 'c')
const station = as<StationId>('A')

/** What can happen, and how often beside the others. */
const WEIGHTS = {
  send: 4,
  exchange: 8,
  default: 1,
  'default-exchange': 2,
  deliver: 4,
  drop: 1,
  twice: 1,
  answer: 3,
  'lose-answer': 1,
  'time-out': 1,
  release: 6,
  authorize: 4,
  start: 4,
  'tell-start': 6,
  stop: 1,
  'tell-stop': 2,
  'tell-idle': 2,
  pass: 5,
  long: 1,
  disconnect: 1,
  connect: 4,
  crash: 1,
} as const
type Kind = keyof typeof WEIGHTS
type Op = readonly [kind: Kind, n: number]

const folded = (ledger: LimitLedger, fact: Fact): LimitLedger =>
  limitLedgers.next(ledger, { seq: 0, recorded_at: instant(0), fact }) ?? emptyLedger

/** Our side: the ledger folded from facts, some of which a crash may lose, and what travels. */
class Play {
  readonly station: ReferenceStation
  readonly #capabilities: EvseUse['capabilities']
  #facts: Fact[] = []
  #ledger = emptyLedger
  #durable = 0
  #times = new Map<number, LimitTimes>()
  #wire: Sent[] = []
  #answers: { sent: Sent; accepted: boolean }[] = []
  #open: number | null = null
  #idle = true
  #reserved = false
  #transactions = 0
  now = 0
  readonly counts = { crashes: 0, released: 0 }

  constructor(offline: Offline, skew: number) {
    this.station = new ReferenceStation(RATING, offline, skew)
    this.#capabilities = {
      offline,
      startsAlone: false,
      settleS: 30,
      provenToObey: false,
      limitStepA: amps(1),
      minCurrentA: amps(6),
      minPowerW: watts(5000),
    }
  }

  get use(): EvseUse {
    return {
      evse,
      ledger: this.#ledger,
      times: this.#times,
      observation: unobserved,
      capabilities: this.#capabilities,
      inContact: this.station.online,
      inUse: this.#open !== null || !this.#idle,
      reserved: this.#reserved,
      disobeying: false,
    }
  }

  get hold(): number {
    return holdLevel(this.use, monotonic(this.now))
  }

  #note<
    T extends 'ChargingLimitSent' | 'ChargingLimitAnswered' | 'ChargingLimitReleased' | 'TransactionEnded',
  >(type: T, data: FactTypes[T]): void {
    const entity = { type: 'evse', id: evse.key } as const
    const fact = { type, occurred_at: instant(this.now), clock: 'synced', entity, data } as Fact
    this.#facts.push(fact)
    this.#ledger = folded(this.#ledger, fact)
  }

  #sync(): void {
    this.#durable = this.#facts.length
  }

  run([kind, n]: Op): void {
    if (this.#said(kind, n) || this.#travelled(kind)) return
    this.#happened(kind, n)
  }

  /** What we do. */
  #said(kind: Kind, n: number): boolean {
    const online = this.station.online
    if (kind === 'send') online && this.#open !== null && this.#send((n % 33) * 1000)
    else if (kind === 'default') online && this.#sendDefault(6000 + (n % 10) * 1000)
    else if (kind === 'release') this.#release()
    else if (kind === 'authorize') this.#reserved ||= online
    else if (kind === 'exchange' || kind === 'default-exchange') {
      this.#said(kind === 'exchange' ? 'send' : 'default', n)
      while (this.#wire.length > 0) this.#deliver(false)
      while (this.#answers.length > 0) this.#hear(this.#answers.shift())
    } else return false
    return true
  }

  /** What becomes of messages. */
  #travelled(kind: Kind): boolean {
    if (kind === 'deliver' || kind === 'twice') this.#deliver(kind === 'twice')
    else if (kind === 'drop') this.#wire.shift()
    else if (kind === 'answer') this.#hear(this.#answers.shift())
    else if (kind === 'lose-answer') this.#answers.shift()
    else if (kind === 'time-out') this.#timeOut()
    else return false
    return true
  }

  /** What happens out there, and what we are told of it. */
  #happened(kind: Kind, n: number): void {
    const { online, running } = this.station
    if (kind === 'start' && this.#reserved && running === null) this.station.start(++this.#transactions)
    if (kind === 'stop') this.station.stop()
    if (kind === 'pass') this.now += 5000 + (n % 60) * 1000
    if (kind === 'long') this.now += 200_000 + (n % 400) * 1000
    if (kind === 'disconnect') this.#disconnect(n)
    if (kind === 'connect') this.station.online = true
    if (kind === 'crash') this.#crash()
    if (kind === 'tell-idle' && online) this.#idle = running === null
    if (kind === 'tell-stop' && online && this.#open !== null && running !== this.#open)
      this.#ended(this.#open)
    if (kind === 'tell-start' && online && running !== null && this.#open === null) {
      this.#open = running
      this.#reserved = false
      this.#sync()
    }
  }

  #send(level: number): void {
    const newest = newestLimit(this.use.ledger)
    const current =
      newest === undefined || lapsed(newest, this.use, monotonic(this.now)) ? null : levelOf(newest.limit)
    const lowers = current === null ? level <= fallbackLevel(this.use) : level < current
    const request = this.use.ledger.lastRequest + 1
    const transaction = as<TransactionId>(String(this.#open))
    this.#note('ChargingLimitSent', {
      station,
      evse: 1,
      request,
      purpose: 'transaction',
      transaction,
      limit: { limit_a: amps(level / 1000) },
      lease_until: instant(this.now + LEASE),
    })
    if (!lowers) this.#sync()
    this.#times.set(request, { sentAt: monotonic(this.now), answeredAt: null, lease: milliseconds(LEASE) })
    this.#wire.push({ request, level, transaction: this.#open, until: this.now + LEASE })
  }

  #sendDefault(level: number): void {
    const request = this.use.ledger.lastRequest + 1
    const raises = level > fallbackLevel(this.use)
    this.#note('ChargingLimitSent', {
      station,
      evse: 1,
      request,
      purpose: 'default',
      transaction: null,
      limit: { limit_a: amps(level / 1000) },
      lease_until: null,
    })
    if (raises) this.#sync()
    this.#times.set(request, { sentAt: monotonic(this.now), answeredAt: null, lease: null })
    this.#wire.push({ request, level, transaction: null, until: Number.POSITIVE_INFINITY })
  }

  #deliver(twice: boolean): void {
    const sent = twice ? this.#wire[0] : this.#wire.shift()
    if (sent === undefined || !this.station.online) return
    this.#answers.push({ sent, accepted: this.station.take(sent) })
  }

  #hear(answer: { sent: Sent; accepted: boolean } | undefined): void {
    const times = answer && this.#times.get(answer.sent.request)
    if (answer === undefined || times === undefined || times.answeredAt !== null) return
    this.#answered(answer.sent.request, answer.accepted ? 'accepted' : 'rejected')
  }

  #answered(request: number, answer: 'accepted' | 'rejected' | 'unanswered'): void {
    this.#note('ChargingLimitAnswered', { station, evse: 1, request, answer, reason: null })
    const times = this.#times.get(request)
    if (times) this.#times.set(request, { ...times, answeredAt: monotonic(this.now) })
  }

  /** What is not answered by now may still arrive, but its answer is no longer waited for. */
  #timeOut(): void {
    for (const [request, { answeredAt }] of this.#times)
      if (answeredAt === null) this.#answered(request, 'unanswered')
  }

  #release(): void {
    const { ledger } = this.use
    const limit = acceptedLimit(ledger)
    const fallback = acceptedDefault(ledger)
    const allowed = this.station.allows(this.now)
    if (limit !== undefined && allowed <= levelOf(limit.limit) && this.station.running !== null) {
      this.counts.released++
      this.#note('ChargingLimitReleased', { station, evse: 1, request: limit.request, proof: 'measured' })
    }
    if (fallback !== undefined && this.#open === null && this.#idle)
      this.#note('ChargingLimitReleased', { station, evse: 1, request: fallback.request, proof: 'idle' })
  }

  #ended(transaction: number): void {
    const id = as<TransactionId>(String(transaction))
    this.#note('TransactionEnded', {
      transaction: id,
      station,
      evse: 1,
      meter_stop_wh: 0 as never,
      energy_wh: 0 as never,
      ended_at: instant(this.now),
      reason: 'Local',
      incomplete: false,
      suspect: null,
    })
    this.#sync()
    this.#open = null
    this.#idle = this.station.running === null
  }

  #disconnect(n: number): void {
    this.station.online = false
    this.station.mood = n % 3
    this.#wire = []
    this.#answers = []
    this.#timeOut()
  }

  /** The process dies and comes back: what was not on disk is gone, and every lease counts from now. */
  #crash(): void {
    this.counts.crashes++
    this.#disconnect(this.now)
    this.#facts = this.#facts.slice(0, this.#durable)
    this.#ledger = this.#facts.reduce(folded, emptyLedger)
    const { defaults, standing } = this.use.ledger
    this.#times = new Map(
      [...defaults, ...standing].map(({ request, leaseUntil }) => [
        request,
        {
          sentAt: monotonic(this.now),
          answeredAt: monotonic(this.now),
          lease: leaseUntil === null ? null : milliseconds(LEASE),
        },
      ]),
    )
    this.#reserved = true
  }
}

const kinds = Object.entries(WEIGHTS).map(([kind, weight]) => ({
  weight,
  arbitrary: fc.constant(kind as Kind),
}))
const ops: fc.Arbitrary<readonly Op[]> = fc.array(fc.tuple(fc.oneof(...kinds), fc.nat(1000)), {
  minLength: 100,
  maxLength: 300,
})

describe('the hold of an EVSE', () => {
  test.each<Offline>(['fallback', 'keeps', 'full', 'unknown'])(
    'is never below what a station that goes to "%s" offline may allow, through loss, delay, repetition and crashes',
    (offline) => {
      const seen = { checks: 0, running: 0, nearLimit: 0, crashes: 0, released: 0, lowHold: 0 }
      fc.assert(
        fc.property(ops, fc.integer({ min: -60_000, max: 8000 }), (played, skew) => {
          const play = new Play(offline, skew)
          for (const op of played) {
            play.run(op)
            const allowed = play.station.allows(play.now)
            seen.checks++
            if (allowed > 0) seen.running++
            if (allowed > 6000 && play.hold === allowed) seen.nearLimit++
            if (allowed > 0 && play.hold < RATING) seen.lowHold++
            if (play.hold < allowed) throw new RangeError(`${op[0]}: hold ${play.hold} below ${allowed}`)
          }
          seen.crashes += play.counts.crashes
          seen.released += play.counts.released
        }),
        { seed: 20261124, numRuns: 1200, interruptAfterTimeLimit: 10_000 },
      )
      expect(seen.running / seen.checks).toBeGreaterThan(0.2)
      expect(seen.crashes).toBeGreaterThan(1000)
      expect(seen.released).toBeGreaterThan(100)
      if (offline !== 'full') expect(seen.lowHold).toBeGreaterThan(1000)
      expect(seen.nearLimit).toBeGreaterThan(200)
    },
  )
})
