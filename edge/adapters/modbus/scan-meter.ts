import type { Clock } from '@busbar/model/clock.ts'
import { type Monotonic, monotonic } from '@busbar/units/time.ts'
import type { MeterFailure, MeterReading } from '../../domain/inputs.ts'
import type { MeterInspection } from '../../domain/site/trust/inspection.ts'
import type { MeterProfile } from '../../profiles/meter-profile.ts'
import { decodeScan, type ReadBlock } from './decode-scan.ts'
import { numbersAnswers } from './endpoint.ts'
import { implausible } from './implausible.ts'
import { inspectMeter } from './inspect-meter.ts'
import { Installed } from './installed.ts'
import type { MeterSource } from './meter-source.ts'
import type { ModbusReply } from './modbus-result.ts'
import type { Ask, ModbusUnit } from './modbus-unit.ts'
import type { Block } from './plan-reads.ts'
import { ReadPlan } from './read-plan.ts'
import { SUNSPEC_PROBES } from './sunspec.ts'
import { toReading } from './to-reading.ts'

export type MeterResult = { readonly reading: MeterReading } | { readonly failure: MeterFailure }

/** Why a scan gave no reading. */
export interface Failed {
  readonly failed: string
  readonly reason: string
}

export interface ScanMeans {
  readonly unit: ModbusUnit
  readonly clock: Clock
}

type Stamp = Pick<ModbusReply, 'at' | 'monotonic'>
interface Scanned {
  readonly profile: MeterProfile
  readonly blocks: readonly ReadBlock[]
  readonly oldest: Stamp
}

/** Unanswered so often while the unit answered others, a request counts as refused: not every device says so. */
const SILENT_REFUSALS = 3

/** Reads one meter: a scan ends in a reading or a failure, never rejects, and asks nothing twice. */
export class MeterScanner {
  readonly #source: MeterSource
  readonly #means: ScanMeans
  readonly #installed: Installed
  #plan: { readonly for: MeterProfile; readonly reads: ReadPlan } | undefined
  #last: Scanned | undefined
  readonly #silences = new Map<string, { count: number; since: Monotonic }>()

  constructor(source: MeterSource, means: ScanMeans) {
    this.#source = source
    this.#means = means
    this.#installed = new Installed(source, means.unit)
  }

  /** What the meter last said of itself: its serial number where its profile tells where that stands. */
  get serial(): string | undefined {
    return this.#installed.serial
  }

  /** What the device says of itself and holds, by its last scan; undefined before one. */
  async inspect(replyP99Ms: number | undefined): Promise<MeterInspection | undefined> {
    if (!this.#last) return undefined
    return inspectMeter({
      source: this.#source,
      ...this.#means,
      ...this.#last,
      serial: this.serial,
      replyP99Ms,
    })
  }

  async scan(): Promise<MeterResult> {
    const { clock } = this.#means
    const scanned = await this.#scanned()
    const failed = 'failed' in scanned ? scanned : undefined
    if (!('failed' in scanned)) this.#last = scanned
    const read = 'failed' in scanned ? undefined : this.#reading(scanned)
    if (read && 'reading' in read) return read
    const { failed: code, reason } = failed ?? (read as Failed)
    return { failure: { meter: this.#source.id, at: clock.monotonic(), code, reason } }
  }

  async #scanned(): Promise<Scanned | Failed> {
    const { clock, unit } = this.#means
    // A scan that did not begin in its period is dropped; one that did is finished.
    let startBy: Monotonic | undefined = monotonic(clock.monotonic() + this.#source.poll)
    const ask: Ask = (block) => {
      const before = startBy
      startBy = undefined
      return unit.read(block, before)
    }
    const notReady = await unit.ready(this.#plan?.reads.probes ?? SUNSPEC_PROBES, ask)
    if (notReady) return notReady
    const scanned = await this.#once(ask)
    // Over a new connection another device may answer, or the same one laid out anew.
    return 'failed' in scanned || this.#installed.holds ? scanned : this.#once(ask)
  }

  async #once(ask: Ask): Promise<Scanned | Failed> {
    const profile = await this.#installed.check(ask)
    if ('failed' in profile) return profile
    const blocks: ReadBlock[] = []
    const stamps: Stamp[] = []
    for (const block of this.#readsOf(profile).next()) {
      const failed = await this.#read(block, ask, (reply) => {
        blocks.push(reply)
        stamps.push(reply)
      })
      if (failed) return failed
    }
    const [oldest] = stamps
    return oldest
      ? { profile, blocks, oldest }
      : { failed: 'no-values', reason: 'the meter has none of its registers' }
  }

  /** Reads a block, in parts if it must be. */
  async #read(block: Block, ask: Ask, take: (reply: ReadBlock & Stamp) => void): Promise<Failed | undefined> {
    const result = await ask(block)
    if (!('failed' in result)) {
      this.#silences.delete(`${block.addr}/${block.count}`)
      return void take({ ...block, ...result })
    }
    if (!isRefusal(result.failed) && !this.#silentlyRefused(block, result.failed)) return result
    const parts = this.#plan?.reads.refused(block)
    if (parts === undefined || typeof parts === 'string')
      return { ...result, reason: `register ${block.addr} (${parts}) cannot be read: ${result.reason}` }
    for (const part of parts) {
      const failed = await this.#read(part, ask, take)
      if (failed) return failed
    }
    return undefined
  }

  #silentlyRefused({ addr, count }: Block, failed: string): boolean {
    if (failed !== 'timeout') return false
    const now = this.#means.clock.monotonic()
    const key = `${addr}/${count}`
    const before = this.#silences.get(key)
    const answersOthers = before !== undefined && (this.#means.unit.lastAnswer ?? 0) > before.since
    this.#silences.set(key, { count: answersOthers ? before.count + 1 : 1, since: now })
    return answersOthers && before.count + 1 >= SILENT_REFUSALS
  }

  #readsOf(profile: MeterProfile): ReadPlan {
    const { endpoint, override, unit } = this.#source
    if (this.#plan?.for !== profile) {
      const options = { bytesAreFree: numbersAnswers(endpoint), maxRead: override?.maxRead, phase: unit }
      this.#plan = { for: profile, reads: new ReadPlan(profile, options) }
    }
    return this.#plan.reads
  }

  #reading({ profile, blocks, oldest }: Scanned): MeterResult | Failed {
    const source = this.#source
    const values = toReading(source, decodeScan(profile, blocks))
    if (Object.keys(values).length === 0)
      return { failed: 'no-values', reason: 'every register says "no value"' }
    const reason = implausible(values, source.plausible)
    if (reason !== undefined) return { failed: 'implausible', reason }
    const stamp = { measuredAt: oldest.at, measuredAtMonotonic: oldest.monotonic }
    return { reading: { meter: source.id, ...stamp, ...values } }
  }
}

const isRefusal = (failed: string): boolean => failed === 'exception-2' || failed === 'exception-3'
