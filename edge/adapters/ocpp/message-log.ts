import type { Clock } from '@busbar/model/clock.ts'
import type { StationId } from '@busbar/model/ids.ts'
import type { Monotonic } from '@busbar/units/time.ts'
import type { LoggedMessage, MessageLog } from '../../domain/ports/message-log.ts'
import { textWithoutSecrets } from './redact.ts'
import type { TransportFrame } from './rpc/transport-event.ts'

/** Calls of one connection that wait for their answer; what is never answered must not gather. */
const OPEN_CALLS = 256
/** Characters of a frame that are kept. */
const LONGEST_TEXT = 65_536
const HEAD = /^[\s\uFEFF]*\[\s*([234])\s*,\s*("(?:[^"\\]|\\.)*"|-?\d+)\s*,\s*(?:"([^"\\]*)")?/
const KINDS = { 2: 'call', 3: 'result', 4: 'error' } as const

interface OpenCall {
  readonly action: string | null
  readonly at: Monotonic
}

/** Makes entries of the message log of the frames that pass: answers are matched to their calls, secrets taken out. */
export class FrameLog {
  readonly #clock: Clock
  readonly #log: Pick<MessageLog, 'add'>
  readonly #secretKeysOf: (station: StationId) => readonly string[]
  readonly #open = new Map<
    StationId,
    { readonly connection: number; readonly calls: Map<string, OpenCall> }
  >()

  constructor(
    clock: Clock,
    log: Pick<MessageLog, 'add'>,
    secretKeysOf: (station: StationId) => readonly string[] = () => [],
  ) {
    this.#clock = clock
    this.#log = log
    this.#secretKeysOf = secretKeysOf
  }

  passed(frame: TransportFrame): void {
    const { station, connection, direction, text } = frame
    const [, type, id, word = null] = HEAD.exec(text) ?? []
    const about = type === undefined ? UNREADABLE : this.#sort(frame, { type, id: id ?? '', word })
    this.#log.add({
      ...{ at: this.#clock.now(), station, connection, direction, ...about },
      text: textWithoutSecrets(text, about.action, this.#secretKeysOf(station)).slice(0, LONGEST_TEXT),
      length: text.length,
    })
  }

  #sort(frame: TransportFrame, head: { type: string; id: string; word: string | null }): About {
    const kind = KINDS[Number(head.type) as 2 | 3 | 4]
    const messageId = head.id.startsWith('"') ? head.id.slice(1, -1) : head.id
    const now = this.#clock.monotonic()
    if (kind === 'call') {
      this.#remember(frame, messageId, { action: head.word, at: now })
      return { kind, messageId, action: head.word, errorCode: null, durationMs: null }
    }
    const call = this.#answered(frame, messageId)
    const durationMs = call === undefined ? null : Math.max(0, Math.round(now - call.at))
    const errorCode = kind === 'error' ? head.word : null
    return { kind, messageId, action: call?.action ?? null, errorCode, durationMs }
  }

  #callsOf({ station, connection }: TransportFrame): Map<string, OpenCall> {
    const known = this.#open.get(station)
    if (known?.connection === connection) return known.calls
    const calls = new Map<string, OpenCall>()
    this.#open.set(station, { connection, calls })
    return calls
  }

  #remember(frame: TransportFrame, id: string, call: OpenCall): void {
    const calls = this.#callsOf(frame)
    calls.set(`${frame.direction}/${id}`, call)
    const oldest = calls.size > OPEN_CALLS ? calls.keys().next().value : undefined
    if (oldest !== undefined) calls.delete(oldest)
  }

  #answered(frame: TransportFrame, id: string): OpenCall | undefined {
    const calls = this.#callsOf(frame)
    const key = `${frame.direction === 'in' ? 'out' : 'in'}/${id}`
    const call = calls.get(key)
    calls.delete(key)
    return call
  }
}

type About = Pick<LoggedMessage, 'kind' | 'messageId' | 'action' | 'errorCode' | 'durationMs'>
const UNREADABLE: About = {
  kind: 'unreadable',
  messageId: null,
  action: null,
  errorCode: null,
  durationMs: null,
}
