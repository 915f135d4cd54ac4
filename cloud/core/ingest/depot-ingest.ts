import { decodePayload } from '@busbar/contracts/sync/batch-codec.ts'
import { Heartbeat } from '@busbar/contracts/sync/heartbeat.ts'
import { Presence } from '@busbar/contracts/sync/presence.ts'
import { StateSnapshot } from '@busbar/contracts/sync/state-snapshot.ts'
import { SYNC_LIMITS } from '@busbar/contracts/sync/version.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import type { DepotMessage } from '../domain/ports/depot-link.ts'
import type { PowerPoint } from '../domain/ports/fleet-store.ts'
import type { CommitContext } from './commit-records.ts'
import { FactsLane, type SendDown } from './facts-lane.ts'
import { type Fleet, POWER_KEPT } from './fleet.ts'
import { greet } from './greet.ts'
import { LatestSaver } from './latest-saver.ts'
import { parseJson } from './parse-json.ts'

const QUEUE = 64

/**
 * All messages of one depot. Hello and facts wait their turn in a bounded queue; what tells the present state passes
 * them at once, so that an incident is seen while days of facts still come in.
 */
export class DepotIngest {
  readonly #depot: string
  readonly #wiring: { context: CommitContext; fleet: Fleet; send: SendDown }
  readonly #lane: FactsLane
  readonly #queue: DepotMessage[] = []
  readonly #heard: LatestSaver<void>
  readonly #presence: LatestSaver<string>
  readonly #snapshot: LatestSaver<{ text: string; power: PowerPoint }>
  /** A picture that came before its hello was answered. */
  #early: StateSnapshot | undefined
  #working: Promise<void> | undefined

  constructor(depot: string, wiring: { context: CommitContext; fleet: Fleet; send: SendDown }) {
    const { store, clock } = wiring.context
    this.#depot = depot
    this.#wiring = wiring
    this.#lane = new FactsLane(depot, wiring.context, wiring)
    this.#heard = this.#saver(() => store.saveHeard(depot, clock.now()))
    this.#presence = this.#saver((text) => store.savePresence(depot, text))
    this.#snapshot = this.#saver(({ text, power }) => store.saveSnapshot(depot, text, power, POWER_KEPT))
  }

  take(message: DepotMessage): void {
    switch (message.name) {
      case 'hello':
      case 'facts':
        this.#enqueue(message)
        break
      case 'heartbeat':
        this.#takeHeartbeat(message.payload)
        break
      case 'presence':
        this.#takePresence(message.payload)
        break
      case 'state':
        void this.#takeState(message.payload)
    }
  }

  /** Resolves when what was begun is finished; queued messages are let go, the depot sends them again. */
  async stop(): Promise<void> {
    this.#queue.length = 0
    this.#lane.stop()
    await Promise.all([
      this.#working,
      this.#heard.settled(),
      this.#presence.settled(),
      this.#snapshot.settled(),
    ])
  }

  #enqueue(message: DepotMessage): void {
    if (this.#queue.length >= QUEUE) {
      this.#note('dropped', `${message.name}: ${QUEUE} messages wait already`)
    } else {
      this.#queue.push(message)
      this.#working ??= this.#work()
    }
  }

  async #work(): Promise<void> {
    for (let message = this.#queue.shift(); message; message = this.#queue.shift()) {
      try {
        if (message.name === 'hello') await this.#greet(message.payload)
        else await this.#lane.take(message.payload)
      } catch (error) {
        // Nothing was acknowledged, so the depot sends it again.
        this.#note('store-unavailable', messageOf(error))
      }
    }
    this.#working = undefined
  }

  #takeHeartbeat(payload: Uint8Array): void {
    const beat = Heartbeat.safeParse(parseJson(payload))
    if (beat.success) {
      this.#wiring.fleet.heartbeat(this.#depot, beat.data)
      this.#heard.put()
    } else this.#note('bad-message', `heartbeat: ${beat.error.message}`)
  }

  #takePresence(payload: Uint8Array): void {
    const presence = Presence.safeParse(parseJson(payload))
    if (presence.success) this.#presence.put(JSON.stringify(presence.data))
    else this.#note('bad-message', `presence: ${presence.error.message}`)
  }

  async #takeState(payload: Uint8Array): Promise<void> {
    const text = await decodePayload(payload, SYNC_LIMITS.stateBytes)
    const state = StateSnapshot.safeParse(Buffer.isBuffer(text) ? parseJson(text) : undefined)
    if (!state.success) return this.#note('bad-message', `state: ${state.error.message}`)
    if (state.data.epoch === this.#wiring.fleet.currentEpoch(this.#depot)?.epoch) this.#show(state.data)
    else this.#early = state.data
  }

  async #greet(payload: Uint8Array): Promise<void> {
    await greet(this.#depot, payload, this.#wiring)
    const early = this.#early
    this.#early = undefined
    if (early) this.#show(early)
  }

  #show(state: StateSnapshot): void {
    const power = this.#wiring.fleet.snapshot(this.#depot, state)
    if (power) this.#snapshot.put({ text: JSON.stringify(state), power })
  }

  #saver<T>(save: (value: T) => Promise<void>): LatestSaver<T> {
    return new LatestSaver(async (value) => {
      try {
        await save(value)
      } catch (error) {
        this.#note('store-unavailable', messageOf(error))
      }
    })
  }

  #note(kind: 'dropped' | 'bad-message' | 'store-unavailable', detail: string): void {
    this.#wiring.context.observe({ kind, depot: this.#depot, detail })
  }
}
