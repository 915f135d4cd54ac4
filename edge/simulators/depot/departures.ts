import { type DepartureRequest, DeparturesAnswer } from '@busbar/contracts/lan-api/departures.ts'
import type { Clock, Timer } from '@busbar/model/clock.ts'
import { messageOf } from '@busbar/model/depot-error.ts'
import { seconds } from '@busbar/units/time.ts'

export interface DepartureNoticesOptions {
  readonly clock: Clock
  /** Address of the LAN API, e.g. `http://127.0.0.1:8080`. */
  readonly url: string
  readonly token: string | undefined
  record(kind: string, detail: Readonly<Record<string, unknown>>): void
}

const AGAIN = seconds(5)
const DEADLINE = seconds(20)
/** Answers that repeating will not change. */
const REFUSALS = new Set([400, 401, 403, 422])

/** Tells the depot when vehicles leave, and goes on until the depot has heard it. */
export class DepartureNotices {
  readonly #options: DepartureNoticesOptions
  readonly #pending = new Map<string, DepartureRequest>()
  #timer: Timer | null = null
  #sending: AbortController | null = null
  #stopped = false

  constructor(options: DepartureNoticesOptions) {
    this.#options = options
  }

  get busy(): boolean {
    return this.#sending !== null
  }

  announce(departures: readonly DepartureRequest[]): void {
    for (const departure of departures) this.#pending.set(departure.vehicle, departure)
    if (!this.#sending && !this.#timer) this.#send()
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#sending?.abort()
  }

  #send(): void {
    this.#timer = null
    const departures = [...this.#pending.values()]
    if (departures.length === 0 || this.#stopped) return
    const sending = new AbortController()
    this.#sending = sending
    const deadline = this.#options.clock.timer(DEADLINE, () => sending.abort())
    this.#put(departures, sending.signal)
      .catch((error: unknown) => this.#options.record('departures-unheard', { reason: messageOf(error) }))
      .finally(() => {
        deadline.cancel()
        this.#sending = null
        if (this.#pending.size > 0 && !this.#stopped)
          this.#timer = this.#options.clock.timer(AGAIN, () => this.#send())
      })
  }

  async #put(departures: readonly DepartureRequest[], signal: AbortSignal): Promise<void> {
    const { url, token } = this.#options
    const response = await fetch(`${url.replace(/\/+$/, '')}/api/v1/departures`, {
      method: 'PUT',
      headers: {
        'content-type': 'application/json',
        connection: 'close',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ departures }),
      signal,
    })
    const text = await response.text()
    if (!response.ok && !REFUSALS.has(response.status)) {
      this.#options.record('departures-unheard', { reason: `status ${response.status}` })
      return
    }
    for (const departure of departures)
      if (this.#pending.get(departure.vehicle) === departure) this.#pending.delete(departure.vehicle)
    this.#recordAnswer(departures.length, response.status, text)
  }

  #recordAnswer(sent: number, status: number, text: string): void {
    const { record } = this.#options
    if (REFUSALS.has(status)) {
      record('departures-refused', { status, detail: text.slice(0, 300) })
      return
    }
    const answer = DeparturesAnswer.safeParse(parse(text))
    const unknown = answer.success ? answer.data.unknown : []
    record('departures-announced', { sent, ...(unknown.length > 0 ? { unknown } : {}) })
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
