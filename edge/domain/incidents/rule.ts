import type { EvseKey, StationId } from '@busbar/model/ids.ts'
import type { Instant } from '@busbar/units/time.ts'
import type { MeterQuality, Severity, Subject } from '../facts.ts'
import type { SecurityNotice } from '../station-facts.ts'

/** What was noticed of somebody who is not who he says; the last of its kind about that station. */
export interface Intrusion {
  readonly notice: SecurityNotice
  /** Null: about no station of this site. */
  readonly station: StationId | null
  readonly text: string
}

/** What the rules look at. Durations are in milliseconds. */
export interface Scene {
  readonly now: Instant
  readonly stations: readonly {
    readonly station: StationId
    /** Null while in contact. */
    readonly offlineMs: number | null
    readonly heldKw: number
    readonly fault: string | null
    readonly disobeying: readonly {
      readonly evse: EvseKey
      readonly label: string
      readonly limit: string
      readonly drawn: string
    }[]
    readonly fallbackRefused: boolean
    /** Its connection comes and goes; absent when it does not. */
    readonly flapping?: boolean
    /** EVSEs that work out more than the limit they accepted. */
    readonly notHeld?: readonly { readonly evse: EvseKey; readonly label: string; readonly says: string }[]
    /** EVSEs that were tested with another firmware than they have now. */
    readonly recheck?: readonly {
      readonly evse: EvseKey
      readonly label: string
      readonly firmware: string | null
    }[]
    /** EVSEs that refuse limits of their transaction. */
    readonly refusing?: readonly { readonly evse: EvseKey; readonly label: string }[]
  }[]
  readonly meters: readonly {
    readonly id: string
    readonly name: string
    readonly quality: MeterQuality
    readonly silentMs: number
    readonly reason: string
    /** Why it may drive no limits although it reads; null or absent when it may. */
    readonly unproven?: string | null
    /** What its checks found. */
    readonly found?: readonly { readonly check: string; readonly text: string }[]
  }[]
  /** Rows measured above their limit, and for how long. */
  readonly overloads: readonly {
    readonly row: string
    readonly name: string
    readonly text: string
    readonly forMs: number
  }[]
  readonly orphans: number
  /** Attempts to be a station or to find one, noticed a short while ago. */
  readonly intrusions?: readonly Intrusion[]
  /** Firmware images that were refused within a day, and none of that name taken since. */
  readonly refusedImages?: readonly { readonly image: string; readonly reason: string }[]
  /** Vehicles that were paused and did not wake. */
  readonly asleep?: readonly {
    readonly evse: EvseKey
    readonly label: string
    readonly vehicle: string | null
  }[]
  /** Rows whose overload is fought, how far that has come, and the evidence. */
  readonly fought?: readonly {
    readonly row: string
    readonly name: string
    readonly text: string
    readonly step: 'minimum' | 'zero' | 'stop' | 'inoperative' | 'trip'
  }[]
}

/** What a rule found: one incident is open for each code and subject while it is found. */
export interface Finding {
  readonly code: string
  readonly severity: Severity
  readonly subject: Subject
  readonly text: string
  /** What a person should do. */
  readonly action: string
}

/** Pure: the same scene gives the same findings. */
export type Rule = (scene: Scene) => readonly Finding[]
