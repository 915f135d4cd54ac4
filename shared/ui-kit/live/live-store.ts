import { messageOf } from '@busbar/model/depot-error.ts'

/** A whole picture with its own time; `scale` is how fast the server's clock runs against real time. */
export interface Timed {
  readonly at: string
  readonly clock: { readonly scale: number }
}

/** Where a picture comes from. `parse` throws when the answer is not in the form this page knows. */
export interface LiveSource<T extends Timed> {
  readonly snapshot: string
  readonly stream: string
  readonly event: string
  /** Real ms without an event before the snapshot is asked for again. */
  readonly silence: number
  parse(value: unknown): T
}

/** `connecting`: nothing received yet. `lost`: the view is the last one received. */
export interface LiveState<T> {
  readonly view: T | null
  readonly link: 'connecting' | 'live' | 'lost'
  /** Said when the answer could not be understood; null otherwise. */
  readonly misfit: string | null
}

const ANSWER_WITHIN = 4_000
const RETRY_FIRST = 500
const RETRY_MOST = 5_000

/** The answer's text; null when there is none in time. */
async function read(address: string): Promise<string | null> {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(ANSWER_WITHIN) })
    return answer.ok ? await answer.text() : null
  } catch {
    return null
  }
}

/**
 * Keeps the newest picture of a server: a snapshot, then its event stream, again and again until nobody listens. Events
 * between two animation frames become one change. A silent stream is checked by asking for a snapshot.
 */
export class LiveStore<T extends Timed> {
  readonly #source: LiveSource<T>
  readonly #listeners = new Set<() => void>()
  #state: LiveState<T> = { view: null, link: 'connecting', misfit: null }
  #receivedAt = 0
  #received = 0
  #waiting = ''
  #frame = 0
  #stream: EventSource | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #retryAfter = RETRY_FIRST

  constructor(source: LiveSource<T>) {
    this.#source = source
  }

  readonly state = (): LiveState<T> => this.#state

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    if (this.#listeners.size === 1) this.#connect()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#disconnect()
    }
  }

  /** The server's time now, in ms since 1970: that of the last picture, moved on by real time × scale. */
  readonly now = (): number => {
    const { view } = this.#state
    return view === null ? 0 : Date.parse(view.at) + (performance.now() - this.#receivedAt) * view.clock.scale
  }

  #connect(): void {
    this.#disconnect()
    const stream = new EventSource(this.#source.stream)
    this.#stream = stream
    stream.addEventListener(this.#source.event, (event: MessageEvent<string>) => this.#hear(event.data))
    stream.addEventListener('error', () => this.#lose())
    this.#watch()
    void this.#ask()
  }

  #disconnect(): void {
    this.#stream?.close()
    this.#stream = null
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
  }

  /** What an event has overtaken, answer or failure, is dropped: the event is newer. */
  async #ask(): Promise<void> {
    const before = this.#received
    const stream = this.#stream
    const text = await read(this.#source.snapshot)
    if (this.#received !== before || this.#stream !== stream) return
    if (text === null) this.#lose()
    else this.#take(text, performance.now())
  }

  #hear(text: string): void {
    this.#received += 1
    this.#waiting = text
    this.#watch()
    if (this.#frame !== 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.#take(this.#waiting, performance.now())
    })
  }

  #take(text: string, at: number): void {
    try {
      const view = this.#source.parse(JSON.parse(text))
      this.#receivedAt = at
      this.#retryAfter = RETRY_FIRST
      this.#watch()
      this.#set({ view, link: 'live', misfit: null })
    } catch (thrown) {
      this.#watch()
      this.#set({ ...this.#state, link: 'lost', misfit: messageOf(thrown) })
    }
  }

  #watch(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(), this.#source.silence)
  }

  #lose(): void {
    this.#disconnect()
    this.#set({ ...this.#state, link: 'lost' })
    if (this.#listeners.size === 0) return
    this.#timer = setTimeout(() => this.#connect(), this.#retryAfter)
    this.#retryAfter = Math.min(RETRY_MOST, this.#retryAfter * 2)
  }

  #set(state: LiveState<T>): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}
