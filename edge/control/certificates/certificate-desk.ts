import { every, type Timer } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import type { StationId } from '@busbar/model/ids.ts'
import { between, hours, type Instant, seconds } from '@busbar/units/time.ts'
import { type StationTrust, stationTrust } from '../../domain/charging/station-trust.ts'
import type { Fact } from '../../domain/facts.ts'
import type { Warning } from '../../domain/ports/health-sink.ts'
import type { StationAuthority } from '../../domain/ports/station-authority.ts'
import type { Depot } from '../depot.ts'
import type { NewFact } from '../recorder.ts'
import { nextStep, RENEW_BEFORE } from './next-step.ts'

/** A station that runs over TLS. */
export interface SecureStation {
  readonly id: StationId
  /** It proves itself by a certificate (security profile 3), or is to. */
  readonly presents: boolean
  /** Common names that its certificate may bear. */
  readonly names: readonly string[]
}

/** The listener that stations reach over TLS. */
export interface SecureDoor {
  /** Shows and believes what the authority says now. */
  refresh(): Promise<void>
  /** Ends a station's connection. */
  cut(station: StationId, reason: string): void
}

export interface DeskOptions {
  readonly depot: Depot
  readonly authority: StationAuthority
  readonly stations: readonly SecureStation[]
  readonly door: SecureDoor
}

/** What people see of one station's certificate. */
export interface CertificateView extends StationTrust {
  readonly presents: boolean
}

const ROUND = hours(1)
/** A station that was asked for a request and sent none is asked again after this. */
const ASK_AGAIN = hours(6)
/** Our own certificate is made anew long before it ends. */
const OWN_RENEWAL = hours(30 * 24)
const SEND = { priority: 'poll', deadline: seconds(30) } as const
const DAY_MS = 86_400_000
/** Days left at which a certificate that nobody renewed gets more urgent, and how urgent. */
const URGENCY: readonly (readonly [days: number, severity: 1 | 2 | 3])[] = [
  [1, 1],
  [7, 2],
  [30, 3],
]

/** Signs what stations ask for and takes them through renewals and changes of the root, one step at a time each. */
export class CertificateDesk {
  readonly #of: DeskOptions
  readonly #busy = new Set<StationId>()
  readonly #askedAt = new Map<StationId, Instant>()
  #generations: readonly number[] = []
  #refreshedAt: Instant
  #timer: Timer | null = null
  #retiring = false

  constructor(of: DeskOptions) {
    this.#of = of
    this.#refreshedAt = of.depot.now
  }

  async start(): Promise<void> {
    const { depot } = this.#of
    await this.#learn()
    depot.certificateWanted = (station, csr) => this.#watched(this.sign(station, csr))
    depot.stationReady = (station) => this.#watched(this.#attend(station))
    this.#timer = every(depot.deps.clock, ROUND, () => this.#watched(this.#round()))
  }

  stop(): void {
    this.#timer?.cancel()
    Object.assign(this.#of.depot, { certificateWanted: null, stationReady: null })
  }

  /** Roots that are trusted now, the newest last, and what each station holds. */
  view(): { readonly generations: readonly number[]; readonly stations: readonly CertificateView[] } {
    const stations = this.#of.stations.map(({ id, presents }) => ({
      ...(this.#trustOf(id) ?? { station: id, roots: [], certificate: null }),
      presents,
    }))
    return { generations: this.#generations, stations }
  }

  /** A new root; every station is taken to it, and the old one retires when the last has arrived. */
  async rotate(by: string): Promise<void> {
    const { depot, authority, door, stations } = this.#of
    await authority.rotate()
    await this.#learn()
    await door.refresh()
    this.#askedAt.clear()
    await this.#note(
      this.#fact('AuthorityRotated', AUTHORITY, { generation: this.#generations.at(-1) ?? 0, by }),
    )
    for (const { id } of stations) if (depot.links.has(id)) this.#watched(this.#attend(id))
  }

  /** Stations that could not connect any more if the old root retired now. */
  behind(): readonly StationId[] {
    const newest = this.#generations.at(-1)
    return this.#of.stations
      .filter(({ id, presents }) => {
        const trust = this.#trustOf(id)
        const knows = newest !== undefined && trust?.roots.includes(newest) === true
        return !knows || (presents && trust.certificate?.generation !== newest)
      })
      .map(({ id }) => id)
  }

  /** Trusts no root but the newest, whoever is behind. */
  async retire(by: string): Promise<void> {
    const { authority, door } = this.#of
    await authority.retire()
    await door.refresh()
    await this.#learn()
    await this.#note(
      this.#fact('AuthorityRetired', AUTHORITY, { generation: this.#generations.at(-1) ?? 0, by }),
    )
  }

  /** The certificate is worth nothing from now on, and its station's connection ends. */
  async revoke(serial: string, by: string): Promise<boolean> {
    const { authority, door } = this.#of
    const found = (await authority.issued()).find((one) => one.serial === serial)
    if (found === undefined) return false
    await authority.revoke(serial)
    await door.refresh()
    await this.#note(
      this.#fact('CertificateRevoked', aStation(found.station), { station: found.station, serial, by }),
    )
    door.cut(found.station, 'its certificate was revoked')
    return true
  }

  /** Signs a station's request and gives it the certificate; why not becomes a fact. */
  async sign(station: StationId, csr: string): Promise<void> {
    const known = this.#of.stations.find(({ id }) => id === station)
    if (known === undefined)
      return this.#refused(station, 'it has no security profile that uses certificates')
    try {
      const signed = await this.#of.authority.sign({ csr, station, names: known.names })
      if ('refused' in signed) return await this.#refused(station, signed.reason)
      await this.#deliver(station, signed)
    } catch (error) {
      await this.#refused(station, messageOf(error))
    }
    await this.#attend(station)
  }

  async #deliver(
    station: StationId,
    signed: { chain: string; serial: string; notAfter: Instant },
  ): Promise<void> {
    const { depot } = this.#of
    const generation = this.#generations.at(-1) ?? 0
    const answer = await depot.deps.commands.send(
      station,
      { kind: 'certificate-signed', chain: signed.chain },
      SEND,
    )
    const reason = 'reason' in answer ? answer.reason : null
    const issued = { station, serial: signed.serial, not_after: signed.notAfter, generation }
    await this.#note(
      this.#fact('CertificateIssued', aStation(station), { ...issued, answer: answer.status, reason }),
    )
    if (answer.status === 'accepted') depot.deps.health.clear(expiryCode(station))
  }

  async #refused(station: StationId, reason: string): Promise<void> {
    await this.#note(this.#fact('CertificateRefused', aStation(station), { station, reason }))
  }

  /** An authority that does not answer is told, and asked again with the next step that needs it. */
  #watched(work: Promise<void>): void {
    const { health } = this.#of.depot.deps
    work.then(
      () => health.clear(AUTHORITY_FAILED),
      (error: unknown) => health.raise({ code: AUTHORITY_FAILED, severity: 2, text: messageOf(error) }),
    )
  }

  async #round(): Promise<void> {
    const { depot, stations, door } = this.#of
    if (between(this.#refreshedAt, depot.now) > OWN_RENEWAL) {
      this.#refreshedAt = depot.now
      await door.refresh()
    }
    for (const { id } of stations) {
      this.#warn(id)
      if (depot.links.has(id)) await this.#attend(id)
    }
  }

  /** Does what a station needs, until nothing is left or it has to act itself. */
  async #attend(station: StationId): Promise<void> {
    const known = this.#of.stations.find(({ id }) => id === station)
    if (known === undefined || this.#busy.has(station)) return
    this.#busy.add(station)
    try {
      while (await this.#step(known));
    } finally {
      this.#busy.delete(station)
    }
    await this.#retireWhenDone()
  }

  async #step({ id, presents }: SecureStation): Promise<boolean> {
    const { depot } = this.#of
    const of = { generations: this.#generations, presents, now: depot.now }
    const step = nextStep(this.#trustOf(id), of)
    if (step.do === 'install-root') return this.#installRoot(id, step.generation)
    if (step.do === 'renew') await this.#askForRequest(id)
    return false
  }

  async #installRoot(station: StationId, generation: number): Promise<boolean> {
    const { depot, authority } = this.#of
    const certificate = (await authority.trust()).roots[this.#generations.indexOf(generation)]
    if (certificate === undefined) return false
    const command = { kind: 'install-certificate', use: 'CSMSRootCertificate', certificate } as const
    const answer = await depot.deps.commands.send(station, command, SEND)
    if (answer.status === 'rejected') depot.deps.health.raise(rootRefused(station, answer.reason))
    if (answer.status !== 'accepted') return false
    depot.deps.health.clear(rootRefused(station, '').code)
    await this.#note(this.#fact('RootCertificateInstalled', aStation(station), { station, generation }))
    return true
  }

  async #askForRequest(station: StationId): Promise<void> {
    const { depot } = this.#of
    const asked = this.#askedAt.get(station)
    if (asked !== undefined && between(asked, depot.now) < ASK_AGAIN) return
    this.#askedAt.set(station, depot.now)
    const command = { kind: 'trigger', message: 'SignChargingStationCertificate', evse: null } as const
    const answer = await depot.deps.commands.send(station, command, SEND)
    if (answer.status !== 'accepted') this.#askedAt.delete(station)
  }

  async #retireWhenDone(): Promise<void> {
    if (this.#retiring || this.#generations.length < 2 || this.behind().length > 0) return
    this.#retiring = true
    await this.retire('every station has arrived').finally(() => {
      this.#retiring = false
    })
  }

  /** Stations whose certificate nears its end without having been renewed. */
  #warn(station: StationId): void {
    const { depot } = this.#of
    const certificate = this.#trustOf(station)?.certificate
    if (certificate == null || between(depot.now, certificate.notAfter) >= RENEW_BEFORE) return
    const days = Math.floor((certificate.notAfter - depot.now) / DAY_MS)
    const severity = URGENCY.find(([below]) => days < below)?.[1] ?? 3
    const text =
      days < 0
        ? `The certificate of station ${station} has expired: it cannot connect`
        : `The certificate of station ${station} ends in ${days} days and was not renewed`
    depot.deps.health.raise({ code: expiryCode(station), severity, text })
  }

  #trustOf(station: StationId): StationTrust | undefined {
    return this.#of.depot.memory.table(stationTrust).get(station)
  }

  async #learn(): Promise<void> {
    this.#generations = (await this.#of.authority.trust()).generations
  }

  async #note(fact: Fact): Promise<void> {
    await this.#of.depot.recorder.record([fact])
  }

  get #fact(): NewFact {
    return this.#of.depot.recorder.fact
  }
}

const AUTHORITY_FAILED = 'authority.failed'
const AUTHORITY = { type: 'controller', id: 'authority' } as const
const aStation = (station: StationId) => ({ type: 'station', id: station }) as const

/** Once the old root retires it cannot connect any more. */
const rootRefused = (station: StationId, reason: string): Warning => ({
  code: `station.root-refused.${station}`,
  severity: 2,
  text: `Station ${station} has not taken the root of the depot, and cannot connect by it: ${reason}`,
})

const expiryCode = (station: StationId): string => `station.certificate-expires.${station}`
