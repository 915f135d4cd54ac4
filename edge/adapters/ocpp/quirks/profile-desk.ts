import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '@busbar/model/clock.ts'
import type { StationId, TransactionId } from '@busbar/model/ids.ts'
import type { StationAnswer, StationCommand } from '../../../domain/commands.ts'
import type { Input, InputOf, InputType, Submit } from '../../../domain/inputs.ts'
import type { SendOptions } from '../../../domain/ports/station-commands.ts'
import type { QuirkValues } from '../../../profiles/quirk-values.ts'
import type { Resolved, StationIdentity, StationProfiles } from '../../../profiles/station-profiles.ts'
import type { Logger } from '../logger.ts'
import type { Handle, Said, Send } from './quirk.ts'
import { QuirkSet } from './quirk-set.ts'
import { refusedLimit } from './refused-limit.ts'

/** What a station last said of itself. */
export type LastHeard = Pick<StationIdentity, 'vendor' | 'model' | 'firmware'>

export interface ProfileDeskOptions {
  readonly profiles: StationProfiles
  readonly clock: Clock
  readonly log: Logger
  readonly submit: Submit
  /** The profile that the configuration gives a station; null: by what it says of itself. */
  readonly assigned: (station: string) => string | null
  /** What a station said before this start; null when it is new, as all are without this. */
  readonly lastHeard?: (station: string) => LastHeard | null
  /** Of the depot; UTC when absent. */
  readonly timeZone?: string
  /** The transaction that runs at an EVSE; null when none does, as without this. */
  readonly runningAt?: (station: StationId, evse: number) => TransactionId | null
  /** To the station's connection. */
  readonly send: (station: StationId, command: StationCommand, options: SendOptions) => Promise<StationAnswer>
}

interface Entry {
  readonly resolved: Resolved
  readonly quirks: QuirkSet
}

/** Of a station that nobody has heard what it is of: it may never say so by itself. */
const ASKED_TO_BOOT: QuirkValues = { 'boot.trigger-after-s': 5 }

const UNHEARD: LastHeard = { vendor: '', model: '', firmware: null }

/**
 * Which profile each station has, and its quirks at work. A station is matched by its identity and by what it said when
 * last it booted, before it has said anything; again at each boot.
 */
export class ProfileDesk {
  readonly #options: ProfileDeskOptions
  readonly #entries = new Map<string, Entry>()
  /** What stations will be taken for that have not connected. */
  readonly #awaited = new Map<string, Resolved>()

  constructor(options: ProfileDeskOptions) {
    this.#options = options
  }

  /** Also for a station of the depot that has not connected yet. */
  of(station: string): Resolved {
    const known = this.#entries.get(station)?.resolved ?? this.#awaited.get(station)
    if (known) return known
    const resolved = this.#resolve(station)
    this.#awaited.set(station, resolved)
    return resolved
  }

  quirksOf(station: string): QuirkValues {
    return this.of(station).quirks
  }

  /** The station has connected: the depot is told what it is taken for. */
  opened(station: StationId): void {
    const { resolved, quirks } = this.#entry(station)
    this.#tell(station, resolved)
    quirks.opened()
  }

  /** The station has said what it is. */
  booted(heard: StationIdentity): Resolved {
    const station = heard.identity as StationId
    const { resolved: before, quirks } = this.#entry(station)
    const resolved = this.#resolve(station, heard)
    quirks.set(resolved.quirks)
    this.#entries.set(station, { resolved, quirks })
    if (!isDeepStrictEqual(before.matched, resolved.matched)) this.#tell(station, resolved)
    quirks.booted()
    return resolved
  }

  closed(station: StationId): void {
    this.#entries.get(station)?.quirks.closed()
  }

  handle(call: Parameters<Handle>[0], usual: Handle): ReturnType<Handle> {
    return this.#entries.get(call.station)?.quirks.handle(call, usual) ?? usual(call)
  }

  mean<T extends InputType>(input: InputOf<T>): InputOf<T> {
    const { station } = input as { station?: StationId }
    const quirks = station === undefined ? undefined : this.#entries.get(station)?.quirks
    // A quirk leaves the type of an input as it is.
    return quirks === undefined ? input : (quirks.mean(input as unknown as Input) as unknown as InputOf<T>)
  }

  send(
    station: StationId,
    command: StationCommand,
    how: { readonly usual: Send; readonly options: SendOptions },
  ): Promise<StationAnswer> {
    return this.#entries.get(station)?.quirks.send(command, how.usual, how.options) ?? how.usual(command)
  }

  /** Why a limit would never leave for this station; null when it would. */
  refusalOf(station: StationId, command: StationCommand): string | null {
    const { profile, quirks } = this.of(station)
    return refusedLimit(quirks, command, profile.file.capabilities.phases ?? 3)
  }

  /** Null when it may leave as it is. */
  say(station: StationId, said: Said): ReturnType<QuirkSet['say']> {
    return this.#entries.get(station)?.quirks.say(said) ?? null
  }

  #entry(station: StationId): Entry {
    const known = this.#entries.get(station)
    if (known) return known
    const { clock, log, submit, send, timeZone = 'UTC' } = this.#options
    const ask = (command: StationCommand, options: SendOptions) => send(station, command, options)
    const entry = {
      resolved: this.of(station),
      quirks: new QuirkSet({
        ...{ station, clock, log, timeZone, submit, ask },
        runningAt: (evse) => this.#options.runningAt?.(station, evse) ?? null,
        phases: () => this.of(station).profile.file.capabilities.phases ?? 3,
      }),
    }
    const { quirks } = entry.resolved
    const isNew = this.#options.lastHeard?.(station) === null && quirks['boot.wait-s'] === undefined
    entry.quirks.set({ ...(isNew ? ASKED_TO_BOOT : {}), ...quirks })
    this.#entries.set(station, entry)
    return entry
  }

  #resolve(station: string, heard: LastHeard | null = this.#options.lastHeard?.(station) ?? null): Resolved {
    const { profiles, assigned } = this.#options
    const { vendor, model, firmware } = heard ?? UNHEARD
    return profiles.resolve({ identity: station, vendor, model, firmware, assigned: assigned(station) })
  }

  #tell(station: StationId, { profile, matched }: Resolved): void {
    const { capabilities } = profile
    void this.#options.submit({ type: 'station-profiled', station, profile: matched, capabilities })
  }
}
