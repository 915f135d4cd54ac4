import type { Clock } from '@busbar/model/clock.ts'
import { sumPhases } from '@busbar/units/per-phase.ts'
import type { Monotonic } from '@busbar/units/time.ts'
import type { MeterProfile } from '../../profiles/meter-profile.ts'
import { alteredImages } from './altered-images.ts'
import { alteredPicture } from './altered-picture.ts'
import { answerRequest, exception } from './answer-request.ts'
import type { InForce } from './fault-board.ts'
import { type MeterPicture, phasePowerW } from './meter-picture.ts'
import { type RegisterImages, registerImages } from './register-image.ts'
import type { Strike } from './strike.ts'

/** A meter on a line. */
export interface UnitPlan {
  readonly unit: number
  readonly profile: MeterProfile
  /** What flows past it at the moment it is asked. */
  readonly picture: () => MeterPicture
  /** From the end of a request to the beginning of the answer; 0 when absent. */
  readonly turnaroundMs?: number
}

const KEPT_PICTURES = 1000
const HOUR_MS = 3_600_000

/** One meter: its registers follow what flows past it, and what is wrong with it. */
export class VirtualUnit {
  readonly plan: UnitPlan
  readonly #clock: Clock
  /** What its counters show beyond those of the picture. */
  #extraWh = { imported: 0, exported: 0 }
  #serial: number | undefined
  #countedAt: Monotonic | undefined
  readonly #past: { readonly at: Monotonic; readonly picture: MeterPicture }[] = []
  readonly #frozen = new Map<string, RegisterImages>()

  constructor(plan: UnitPlan, clock: Clock) {
    this.plan = plan
    this.#clock = clock
  }

  /** The answer to a request, function code first. */
  answer(body: Buffer, strike: Strike): Buffer {
    const code = body.readUInt8(0)
    const refused = strike.one('exception')
    if (refused) return exception(code, refused.fault.code)
    return answerRequest(body, this.#images(strike), this.plan.profile.limits)
  }

  /** A fault that concerns this unit began, `strike` being all that are now in force. */
  began({ id, fault }: InForce, strike: Strike): void {
    if (fault.kind === 'stale') this.#frozen.set(id, this.#images(strike))
    if (fault.kind === 'counterJump') this.#extraWh.imported += fault.byWh
    if (fault.kind === 'registerReset') this.#countFrom(0, 0)
    if (fault.kind === 'meterSwap') {
      this.#serial = fault.serial
      this.#countFrom(fault.importWh, fault.exportWh)
    }
  }

  ended({ id }: InForce): void {
    this.#frozen.delete(id)
  }

  #countFrom(imported: number, exported: number): void {
    const { importWh, exportWh } = this.plan.picture()
    this.#extraWh = { imported: imported - importWh, exported: exported - exportWh }
  }

  #images(strike: Strike): RegisterImages {
    const { profile } = this.plan
    const powers = new Map(strike.all('scaleFactor').map(({ fault }) => [fault.name, fault.power]))
    const factorOf = (name: string) =>
      strike
        .all('scaleChange')
        .reduce((by, { fault }) => (fault.points?.includes(name) === false ? by : by * fault.by), 1)
    const plain = registerImages(profile, this.#picture(strike), { serial: this.#serial, powers, factorOf })
    return alteredImages(profile, plain, { strike, frozen: this.#frozen })
  }

  #picture(strike: Strike): MeterPicture {
    const now = this.#clock.monotonic()
    const seen = this.#seen(now, strike.one('sampleSkew')?.fault.byMs ?? 0)
    const altered = alteredPicture(seen, strike)
    this.#count(seen, altered, now)
    const wrap = strike.one('counterWrap')?.fault.atWh ?? Number.POSITIVE_INFINITY
    return {
      ...altered,
      importWh: Math.max(0, altered.importWh + this.#extraWh.imported) % wrap,
      exportWh: Math.max(0, altered.exportWh + this.#extraWh.exported) % wrap,
    }
  }

  /** A meter that is wired wrong counts what it believes to flow. */
  #count(seen: MeterPicture, altered: MeterPicture, now: Monotonic): void {
    const hours = this.#countedAt === undefined ? 0 : (now - this.#countedAt) / HOUR_MS
    this.#countedAt = now
    if (seen === altered) return
    const [truly, believed] = [seen, altered].map((picture) => sumPhases(phasePowerW(picture)))
    if (truly === undefined || believed === undefined) return
    this.#extraWh.imported += (Math.max(0, believed) - Math.max(0, truly)) * hours
    this.#extraWh.exported += (Math.max(0, -believed) - Math.max(0, -truly)) * hours
  }

  #seen(now: Monotonic, agoMs: number): MeterPicture {
    const picture = this.plan.picture()
    this.#past.push({ at: now, picture })
    if (this.#past.length > KEPT_PICTURES) this.#past.shift()
    if (agoMs === 0) return picture
    return (this.#past.findLast(({ at }) => at <= now - agoMs) ?? this.#past[0])?.picture ?? picture
  }
}
