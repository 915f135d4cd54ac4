import { DepotError } from '@busbar/model/depot-error.ts'
import type { Instant } from '@busbar/units/time.ts'
import { isQuirkKey, valueProblem } from '../../../profiles/quirk-values.ts'
import type { Call } from '../calls.ts'
import type { Dialect } from '../dialect.ts'
import type { CallAnswer, StationParts } from '../inbound.ts'
import type { TransactionReport } from '../transaction-queue.ts'
import type { Dial, Quirk, QuirkedStation, Said } from './quirk.ts'
import { switchFor } from './switches.ts'

/** Quirks by their keys, with the values of a station profile. */
export type StationQuirks = Readonly<Record<string, unknown>>

/** Why there is no such quirk; null when there is. */
export function quirkProblem(key: string, value: unknown): string | null {
  if (!isQuirkKey(key) || switchFor(key) === undefined)
    return 'no quirk of firmware-profiles/QUIRKS.md that a station can be given'
  return valueProblem(key, value)
}

/** The quirks one station has, one on top of the other. */
export class QuirkSet {
  readonly #quirks = new Map<string, { readonly value: unknown; readonly quirk: Quirk }>()
  readonly #station: () => QuirkedStation

  constructor(station: () => QuirkedStation) {
    this.#station = station
  }

  get values(): StationQuirks {
    return Object.fromEntries([...this.#quirks].map(([key, { value }]) => [key, value]))
  }

  /** @throws DepotError `simulator.quirk` */
  set(quirks: StationQuirks): void {
    const problems = Object.entries(quirks).flatMap(([key, value]) => {
      const problem = value === null ? null : quirkProblem(key, value)
      return problem === null ? [] : [`${key}: ${problem}`]
    })
    if (problems.length > 0) throw new DepotError('simulator.quirk', problems.join('; '))
    for (const [key, value] of Object.entries(quirks)) {
      const quirk = value === null || !isQuirkKey(key) ? undefined : switchFor(key)?.(value)
      if (quirk) this.#quirks.set(key, { value, quirk })
      else this.#quirks.delete(key)
    }
  }

  get pongs(): boolean {
    return this.#all().every((quirk) => quirk.pongs !== false)
  }

  dials(dial: Dial): Dial {
    return this.#all().reduce((now, quirk) => quirk.dials?.(now) ?? now, dial)
  }

  frames(text: string): string {
    return this.#all().reduce((now, quirk) => quirk.frames?.(now) ?? now, text)
  }

  reads(text: string): string {
    return this.#all().reduce((now, quirk) => quirk.reads?.(now) ?? now, text)
  }

  tells(report: TransactionReport): readonly TransactionReport[] {
    return this.#all().reduce<readonly TransactionReport[]>(
      (reports, quirk) => reports.flatMap((one) => quirk.tells?.(one, this.#station()) ?? [one]),
      [report],
    )
  }

  offers(limit: number): number {
    return this.#all().reduce((now, quirk) => quirk.offers?.(now, this.#station()) ?? now, limit)
  }

  online(): void {
    for (const quirk of this.#all()) quirk.online?.(this.#station())
  }

  lost(clean: boolean): void {
    for (const quirk of this.#all()) quirk.lost?.(this.#station(), clean)
  }

  ticks(at: Instant): void {
    for (const quirk of this.#all()) quirk.ticks?.(at, this.#station())
  }

  /** The station's way of speaking, with the quirks in it. */
  over(dialect: Dialect): Dialect {
    return {
      subprotocol: dialect.subprotocol,
      tellsStates: dialect.tellsStates,
      opened: () => dialect.opened(),
      event: (report, now) => dialect.event(report, now),
      said: (call) => this.#said(dialect.said(call)),
      reported: (report, call) => {
        const told = dialect.reported(report, call)
        return this.#said(told) ?? told
      },
      answerCall: (station, action, payload) =>
        this.#quirks.size === 0
          ? dialect.answerCall(station, action, payload)
          : this.#answer(dialect, station, { action, payload: asPayload(payload) }),
    }
  }

  #said(call: Call | null): Call | null {
    const said = this.#all().reduce<Said | null>(
      (now, quirk) => (now === null || !quirk.says ? now : quirk.says(now, this.#station())),
      call,
    )
    if (call === null || said === null) return null
    const { action, payload } = said
    const done: Call['done'] = (outcome) => {
      if (outcome.status === 'answered')
        for (const quirk of this.#all()) quirk.hears?.({ action, payload }, outcome.payload, this.#station())
      call.done(outcome)
    }
    return { ...call, action, payload, done }
  }

  #answer(dialect: Dialect, station: StationParts, asked: Said): CallAnswer {
    const sound = ({ action, payload }: Said) => dialect.answerCall(station, action, payload)
    const answer = this.#all().reduce<(asked: Said) => CallAnswer>(
      (usual, quirk) => (one) => quirk.answers?.(one, usual, this.#station()) ?? usual(one),
      sound,
    )
    return answer(asked)
  }

  #all(): readonly Quirk[] {
    return [...this.#quirks.values()].map(({ quirk }) => quirk)
  }
}

const asPayload = (payload: unknown): Said['payload'] =>
  typeof payload === 'object' && payload !== null ? { ...payload } : {}
