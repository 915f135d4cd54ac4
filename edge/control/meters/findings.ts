import { between, type Monotonic, minutes } from '@busbar/units/time.ts'

/** Checks of a meter that can find something. */
export type Check =
  | 'range'
  | 'identity'
  | 'fall'
  | 'frozen'
  | 'not-following'
  | 'arithmetic'
  | 'energy-drift'
  | 'energy-stands'
  | 'tree'
  | 'unbalance'

export interface Found {
  readonly check: Check
  readonly text: string
  readonly since: Monotonic
}

/** Found nothing for this long, a check is content again. */
const CONTENT = minutes(5)

interface Entry {
  text: string
  readonly since: Monotonic
  last: Monotonic
  count: number
  stands: boolean
}

/** What the checks of one meter found: a finding stands once repeated often enough, until all was well for a while. */
export class Findings {
  readonly #entries = new Map<Check, Entry>()

  /** Everything that stands. */
  get standing(): readonly Found[] {
    return [...this.#entries].flatMap(([check, { text, since, stands }]) =>
      stands ? [{ check, text, since }] : [],
    )
  }

  has(check: Check): boolean {
    return this.#entries.get(check)?.stands === true
  }

  /**
   * Notes what a check found.
   * @param times how often in a row it must find something before that stands
   * @returns whether it stands from now on
   */
  bad(check: Check, text: string, { at, times = 1 }: { at: Monotonic; times?: number }): boolean {
    const entry = this.#entries.get(check) ?? { text, since: at, last: at, count: 0, stands: false }
    this.#entries.set(check, entry)
    entry.text = text
    entry.last = at
    entry.count += 1
    const began = !entry.stands && entry.count >= times
    entry.stands ||= began
    return began
  }

  /** Notes that a check found nothing; true when it is content again from now on. */
  good(check: Check, at: Monotonic): boolean {
    const entry = this.#entries.get(check)
    if (entry === undefined) return false
    entry.count = 0
    if (entry.stands && between(entry.last, at) < CONTENT) return false
    this.#entries.delete(check)
    return entry.stands
  }
}
