import type { Instant } from '@busbar/units/time.ts'
import type { ChargingProfile, ProfilePurpose } from './charging-profile.ts'
import type { InstalledProfile, RunningTransaction } from './profile-limits.ts'

export interface ProfileRules {
  readonly maxStackLevel: number
  readonly maxPeriods: number
  readonly maxInstalled: number
  readonly units: readonly ('A' | 'W')[]
}

/** The transaction that runs on the connector, with the id the CSMS gave it. */
export interface AddressedTransaction extends RunningTransaction {
  readonly id: number | string | null
}

export interface ProfileFilter {
  readonly id?: number | undefined
  readonly connectorId?: number | undefined
  readonly chargingProfilePurpose?: ProfilePurpose | undefined
  readonly stackLevel?: number | undefined
}

const CONNECTORS = 1

/** The charging profiles a station keeps; they survive a reboot. @see OCPP 1.6 sections 3.13 and 5.16 */
export class ProfileStore {
  readonly #rules: ProfileRules
  #installed: readonly InstalledProfile[] = []
  #offlineS = 0

  constructor(rules: ProfileRules) {
    this.#rules = rules
  }

  get installed(): readonly InstalledProfile[] {
    return this.#installed.filter((entry) => !this.#outlived(entry))
  }

  /** How long the CSMS has been out of reach; profiles that are not to outlive that no longer hold. */
  offline(seconds: number): void {
    this.#offlineS = seconds
    if (seconds === 0) return
    this.#installed = this.#installed.filter(
      (entry) => !(entry.profile.invalidAfterOfflineDuration === true && this.#outlived(entry)),
    )
  }

  #outlived({ profile }: InstalledProfile): boolean {
    const { maxOfflineDuration } = profile
    return maxOfflineDuration !== undefined && this.#offlineS > maxOfflineDuration
  }

  /** Null when installed, otherwise why it was rejected. */
  install(
    request: { readonly connectorId: number; readonly profile: ChargingProfile },
    at: Instant,
    transaction: AddressedTransaction | null,
  ): string | null {
    const { connectorId, profile } = request
    const refusal = this.#refusal(connectorId, profile, transaction)
    if (refusal !== null) return refusal
    const kept = this.#installed.filter((entry) => !replaces(request, entry))
    if (kept.length >= this.#rules.maxInstalled) return 'no room for another profile'
    const bound = profile.chargingProfilePurpose === 'TxProfile' ? transaction : null
    this.#installed = [...kept, { connectorId, profile, installedAt: at, transaction: bound }]
    return null
  }

  /** Installs the profile that came with a remote start, for the transaction it started. */
  bind(profile: ChargingProfile, at: Instant, transaction: RunningTransaction): void {
    this.#installed = [...this.#installed, { connectorId: 1, profile, installedAt: at, transaction }]
  }

  /** Number of profiles taken away. */
  clear(filter: ProfileFilter): number {
    const before = this.#installed.length
    this.#installed = this.#installed.filter((entry) => !matches(filter, entry))
    return before - this.#installed.length
  }

  /** Drops what was for this transaction alone. */
  ended(transaction: RunningTransaction): void {
    this.#installed = this.#installed.filter((entry) => entry.transaction !== transaction)
  }

  #refusal(
    connectorId: number,
    profile: ChargingProfile,
    transaction: AddressedTransaction | null,
  ): string | null {
    const { maxStackLevel, maxPeriods, units } = this.#rules
    const { chargingRateUnit, chargingSchedulePeriod } = profile.chargingSchedule
    if (connectorId < 0 || connectorId > CONNECTORS) return `no connector ${connectorId}`
    if (profile.stackLevel > maxStackLevel) return `stack level above ${maxStackLevel}`
    if (chargingSchedulePeriod.length > maxPeriods) return `more than ${maxPeriods} periods`
    if (!units.includes(chargingRateUnit)) return `unit ${chargingRateUnit} not supported`
    if (profile.chargingProfileKind === 'Recurring' && profile.chargingSchedule.startSchedule === undefined)
      return 'a recurring profile needs startSchedule'
    return purposeRefusal(connectorId, profile, transaction)
  }
}

function purposeRefusal(
  connectorId: number,
  profile: ChargingProfile,
  transaction: AddressedTransaction | null,
): string | null {
  if (profile.chargingProfilePurpose === 'ChargePointMaxProfile') {
    if (connectorId !== 0) return 'ChargePointMaxProfile is for connector 0'
    return profile.chargingProfileKind === 'Relative' ? 'ChargePointMaxProfile cannot be relative' : null
  }
  if (profile.chargingProfilePurpose === 'TxDefaultProfile') return null
  if (connectorId === 0) return 'TxProfile needs a connector'
  if (!transaction || transaction.id === null) return 'no transaction for this TxProfile'
  if (profile.transactionId === undefined) return 'TxProfile without transactionId'
  return profile.transactionId === transaction.id
    ? null
    : `transaction ${profile.transactionId} does not run here`
}

/** A profile replaces the one with its id, and the one with its purpose and stack level on the same connector. */
function replaces(
  request: { readonly connectorId: number; readonly profile: ChargingProfile },
  entry: InstalledProfile,
): boolean {
  if (entry.profile.chargingProfileId === request.profile.chargingProfileId) return true
  return (
    entry.connectorId === request.connectorId &&
    entry.profile.stackLevel === request.profile.stackLevel &&
    entry.profile.chargingProfilePurpose === request.profile.chargingProfilePurpose
  )
}

function matches(filter: ProfileFilter, entry: InstalledProfile): boolean {
  if (filter.id !== undefined) return entry.profile.chargingProfileId === filter.id
  const { connectorId, chargingProfilePurpose, stackLevel } = filter
  return (
    (connectorId === undefined || entry.connectorId === connectorId) &&
    (chargingProfilePurpose === undefined ||
      entry.profile.chargingProfilePurpose === chargingProfilePurpose) &&
    (stackLevel === undefined || entry.profile.stackLevel === stackLevel)
  )
}
