import { MessagesView } from '@busbar/contracts/lan-api/messages.ts'
import { as, evseKey, type IdToken, type StationId } from '@busbar/model/ids.ts'
import { amps } from '@busbar/units/electricity.ts'
import { later, minutes, seconds } from '@busbar/units/time.ts'
import type { StationCommand } from '../../domain/commands.ts'
import type { FactType, FactTypes } from '../../domain/facts.ts'
import type { CommandResult } from '../../domain/inputs.ts'
import { storedFact } from '../../domain/ports/fact-line.ts'
import type { TransactionRecord } from '../../domain/ports/projections.ts'
import type { VehiclePlan } from '../../simulators/depot/vehicle.ts'
import type { VirtualStation } from '../../simulators/station/virtual-station.ts'
import type { StationOf } from '../depot-of.ts'
import { heldA } from '../four-on-a-feeder.ts'
import { TestDepot } from '../test-depot.ts'

/** An odd station: its quirks, and what else of it is not usual. */
export type Odd = Omit<StationOf, 'id' | 'feeder' | 'quirks'> & {
  readonly quirks: NonNullable<StationOf['quirks']>
}

/** A depot of odd stations with room for all of them at once. */
export class QuirkDepot {
  readonly test: TestDepot

  constructor(test: TestDepot) {
    this.test = test
  }

  /** Starts it and waits until each station has its limits or has refused them. */
  static async start(odd: Readonly<Record<string, Odd>>): Promise<QuirkDepot> {
    const stations = Object.entries(odd).map(([id, rest]) => ({ id, feeder: 'f1', ...rest }))
    const test = await TestDepot.start({
      gridA: 2000,
      otherA: 60,
      feeders: [{ id: 'f1', ratingA: 1500 }],
      stations,
      vehicles: stations.map(({ id }) => `v-${id}`),
    })
    await test.pass(seconds(45))
    return new QuirkDepot(test)
  }

  stop(): Promise<void> {
    return this.test.stop()
  }

  at(id: string): VirtualStation {
    return this.test.depot.station(id)
  }

  plugIn(id: string, plan: Partial<VehiclePlan> = {}): void {
    this.test.plugIn(id, `v-${id}`, plan)
  }

  pass(s: number): Promise<void> {
    return this.test.pass(seconds(s))
  }

  until(what: string, test: () => boolean): Promise<void> {
    return this.test.until(what, test, minutes(2))
  }

  /** What the depot shows of its one EVSE. */
  seen(id: string) {
    return this.test.evse(id)
  }

  heldA(id: string): number {
    return heldA(this.test, id)
  }

  /** What the vehicle takes, A on its first phase. */
  drawA(id: string): number {
    return this.at(id).read().currentA[0]
  }

  /** Transactions of a station, oldest first. */
  async transactions(id: string): Promise<readonly TransactionRecord[]> {
    return (await this.test.transactions()).filter(({ station }) => station === id).reverse()
  }

  async facts<T extends FactType>(type: T): Promise<readonly FactTypes[T][]> {
    const records = await this.test.edge.control.depot.deps.factLog.read(0, 100_000)
    const all = records.map(({ line }) => storedFact(line).fact)
    return all.flatMap((fact) => (fact.type === type ? [fact.data as FactTypes[T]] : []))
  }

  /** What happened at a station itself, by kind. */
  happened(id: string, kind: string): readonly Readonly<Record<string, unknown>>[] {
    return this.test.depot
      .events()
      .flatMap((event) => (event.subject === id && event.kind === kind ? [event.detail] : []))
  }

  /** A person lets it charge with at most this, A; 0 pauses it. */
  override(id: string, limitA: number): void {
    this.test.edge.control.submit({
      type: 'manual-act',
      by: 'Ada',
      act: {
        kind: 'override',
        evse: evseKey(as<StationId>(id), 1),
        how: limitA === 0 ? 'pause' : 'charge',
        limit: limitA === 0 ? null : { limit_a: amps(limitA) },
        until: later(this.test.clock.now(), minutes(30)),
        reason: 'a quirk is looked at',
      },
    })
  }

  /** Enters a token that may charge. */
  allow(token: string): void {
    const entry = {
      status: 'Accepted',
      group: null,
      expiresAt: null,
      vehicle: null,
      oneAtATime: false,
    } as const
    const tokens = [{ idToken: as<IdToken>(token), ...entry }]
    this.test.edge.control.submit({ type: 'id-tokens-set', tokens, by: 'Ada' })
  }

  /** Sends a command past the API, which has no words for some; its answer. */
  async send(id: string, command: StationCommand): Promise<CommandResult> {
    const station = as<StationId>(id)
    let result: CommandResult | null = null
    const { outcome } = this.test.edge.control.submit({
      type: 'station-command',
      station,
      command,
      by: 'Ada',
    })
    void outcome.then((answer) => {
      result = answer
    })
    await this.test.until('an answer', () => result !== null, minutes(1))
    return result ?? { command: '', status: 'unanswered', reason: null }
  }

  /** Calls of one action between the depot and a station, oldest first. */
  async calls(id: string, action: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    await this.test.pass(seconds(2))
    const url = `${this.test.edge.httpAddress}/api/v1/messages?station=${id}&action=${action}&kind=call&limit=500`
    const { messages } = MessagesView.parse(await (await fetch(url)).json())
    return messages.map(({ text }) => JSON.parse(text)[3]).reverse()
  }

  /** Asks for a command as a person would; its answer. */
  ask(id: string, command: object): Promise<Readonly<Record<string, unknown>>> {
    return this.#post(`stations/${id}/commands`, command)
  }

  /** A request in the station's own words, as an engineer sends one. */
  ocpp(id: string, action: string, payload: object): Promise<Readonly<Record<string, unknown>>> {
    return this.#post(`stations/${id}/ocpp/${action}`, payload)
  }

  async #post(path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    let answer: Record<string, unknown> | null = null
    void fetch(`${this.test.edge.httpAddress}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).then(async (response) => {
      answer = { http: response.status, ...((await response.json()) as object) }
    })
    await this.test.untilReally('an answer', async () => answer !== null)
    return answer ?? {}
  }
}
