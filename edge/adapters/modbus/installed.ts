import type { MeterProfile } from '../../profiles/meter-profile.ts'
import { identityChecks, misfit, saidBy } from './identity.ts'
import type { MeterSource } from './meter-source.ts'
import type { Ask, ModbusUnit } from './modbus-unit.ts'
import type { Failed } from './scan-meter.ts'
import { movedBy, siteProfile } from './site-profile.ts'
import { findModel, walkSunspec } from './sunspec.ts'

const SCANS_BETWEEN_CHECKS = 10

/**
 * Who answers at an address, and where its map lies. Asked with every new connection and each tenth scan: a shifted
 * answer, another meter in its place or another device in the slot shows as a wrong constant, and the scan is given up.
 */
export class Installed {
  readonly #source: MeterSource
  readonly #unit: ModbusUnit
  readonly #site: MeterProfile
  #profile: MeterProfile | undefined
  #checkedOver: number | undefined
  #scans = 0
  #serial: string | undefined

  constructor(source: MeterSource, unit: ModbusUnit) {
    this.#source = source
    this.#unit = unit
    this.#site = siteProfile(source)
  }

  get serial(): string | undefined {
    return this.#serial
  }

  /** Whether the line is still the connection over which the device was asked who it is. */
  get holds(): boolean {
    return this.#checkedOver === this.#unit.connections || !this.#isAsked
  }

  /** The profile with its addresses where they lie, or why nothing that the device says can be believed. */
  async check(ask: Ask): Promise<MeterProfile | Failed> {
    if (!this.#isAsked) return this.#site
    const due = this.#scans % SCANS_BETWEEN_CHECKS === 0
    this.#scans += 1
    if (this.#profile && this.holds && !due) return this.#profile
    const anew = !this.#profile || !this.holds
    this.#checkedOver = undefined
    const found = this.#site.sunspec && anew ? await this.#walk(ask) : (this.#profile ?? this.#site)
    if ('failed' in found) return found
    const failed = await this.#askIdentity(found, ask)
    if (failed) return failed
    this.#profile = found
    this.#checkedOver = this.#unit.connections
    return found
  }

  get #isAsked(): boolean {
    return this.#site.sunspec !== undefined || identityChecks(this.#site, this.#source).length > 0
  }

  async #walk(ask: Ask): Promise<MeterProfile | Failed> {
    const map = await walkSunspec(ask)
    if ('failed' in map) return map
    const { models = [], length } = this.#site.sunspec ?? {}
    const model = findModel(map, models, this.#source.sunspecInstance)
    const has = map.models.map(({ id }) => id).join(', ')
    if (!model) return { failed: 'sunspec', reason: `no model ${models.join(' or ')}; the device has ${has}` }
    if (model.length !== length)
      return { failed: 'sunspec', reason: `model ${model.id} has length ${model.length}, expected ${length}` }
    return this.#other(map.serial) ?? movedBy(this.#site, model.addr)
  }

  async #askIdentity(profile: MeterProfile, ask: Ask): Promise<Failed | undefined> {
    for (const check of identityChecks(profile, this.#source)) {
      const reply = await ask(check.block)
      // A constant that the device does not have cannot be compared; what must equal something must be there.
      const lacks = 'failed' in reply && reply.failed.startsWith('exception') && check.entry.kind === 'pin'
      if (lacks) continue
      if ('failed' in reply) return reply
      const reason = misfit(check, reply.words)
      if (reason !== undefined) return { failed: 'identity', reason }
      const isSerial = check.entry.kind === 'pin' && check.entry.meaning.startsWith('serial')
      const other = isSerial ? this.#other(saidBy(check, reply.words, profile.wordOrder)) : undefined
      if (other) return other
    }
    return undefined
  }

  /** Takes note of a serial number; a failure when it is not the one expected or not the one before. */
  #other(serial: string): Failed | undefined {
    const expected = this.#source.serial ?? this.#serial
    this.#serial = serial
    if (expected === undefined || expected === serial) return undefined
    return { failed: 'identity', reason: `serial number is ${serial}, expected ${expected}` }
  }
}
