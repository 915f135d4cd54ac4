import type { StationAnswer, StationCommand } from '../../../domain/commands.ts'
import type { Input } from '../../../domain/inputs.ts'
import type { SendOptions } from '../../../domain/ports/station-commands.ts'
import type { QuirkKey, QuirkValues } from '../../../profiles/quirk-values.ts'
import type { Reply, StationCall } from '../rpc/route.ts'
import { HANDLED } from './handled.ts'
import type { Handle, Quirk, QuirkSelf, Said, Send } from './quirk.ts'

interface Entry {
  readonly value: string
  readonly quirk: Quirk
}

/** The quirks of one station, one around the other; without any, everything passes as it is. */
export class QuirkSet {
  readonly #self: QuirkSelf
  readonly #entries = new Map<QuirkKey, Entry>()
  #quirks: readonly Quirk[] = []

  constructor(self: QuirkSelf) {
    this.#self = self
  }

  /** From now on it has these; one whose value stays keeps what it knows. */
  set(values: QuirkValues): void {
    for (const key of this.#entries.keys()) if (!(key in values)) this.#drop(key)
    for (const [key, value] of Object.entries(values)) this.#put(key as QuirkKey, value)
    this.#quirks = [...this.#entries.values()].map(({ quirk }) => quirk)
  }

  handle(call: StationCall, usual: Handle): Reply | Promise<Reply> {
    return this.#quirks.reduce<Handle>(
      (inner, quirk) =>
        quirk.handles ? (one) => quirk.handles?.(one, inner, this.#self) ?? inner(one) : inner,
      usual,
    )(call)
  }

  mean(input: Input): Input {
    return this.#quirks.reduce((now, quirk) => quirk.means?.(now, this.#self) ?? now, input)
  }

  send(command: StationCommand, usual: Send, options: SendOptions): Promise<StationAnswer> {
    return this.#quirks.reduce<Send>(
      (inner, quirk) =>
        quirk.sends ? (one) => quirk.sends?.(one, inner, this.#self, options) ?? inner(one) : inner,
      usual,
    )(command)
  }

  /** Null when nothing was changed. */
  say(said: Said): Said | { readonly refused: string } | null {
    let now = said
    for (const quirk of this.#quirks) {
      const next = quirk.says?.(now, this.#self) ?? now
      if ('refused' in next) return next
      now = next
    }
    return now === said ? null : now
  }

  opened(): void {
    for (const quirk of this.#quirks) quirk.opened?.(this.#self)
  }

  booted(): void {
    for (const quirk of this.#quirks) quirk.booted?.(this.#self)
  }

  closed(): void {
    for (const quirk of this.#quirks) quirk.closed?.(this.#self)
  }

  #put(key: QuirkKey, value: unknown): void {
    const text = JSON.stringify(value)
    if (this.#entries.get(key)?.value === text) return
    // The schema of profiles has checked the value against its key.
    const make = HANDLED[key]?.make as ((value: unknown) => Quirk) | undefined
    this.#drop(key)
    if (make) this.#entries.set(key, { value: text, quirk: make(value) })
  }

  /** What it has begun ends with it. */
  #drop(key: QuirkKey): void {
    this.#entries.get(key)?.quirk.closed?.(this.#self)
    this.#entries.delete(key)
  }
}
