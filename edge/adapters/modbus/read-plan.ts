import {
  type MeterProfile,
  type PointName,
  pointsOf,
  type ResolvedPoint,
  spanOf,
} from '../../profiles/meter-profile.ts'
import { type Block, covers, planReads } from './plan-reads.ts'

const UNDOCUMENTED_MAX_READ = 60
/** Energies and power factors are read each so many scans. */
const SLOW_SCANS = 10
const FAST = /^([uip]_l[123]|p_total|f)$/
const SLOW = /^(pf_(l[123]|total)|e_imp|e_exp)$/

export interface PlanOptions {
  /** A round trip costs more than the registers: what fits into the requests of the fast group is read with it. */
  readonly bytesAreFree: boolean
  readonly maxRead?: number | undefined
  /** Which of its scans is a long one. */
  readonly phase: number
}

/** What a meter is asked in each of its scans, and what was learnt of its refusals. */
export class ReadPlan {
  readonly #options: PlanOptions
  readonly #profile: MeterProfile
  readonly #absent = new Set<PointName>()
  readonly #refused = new Set<string>()
  #scan = 0
  #fast: readonly Block[] = []
  #all: readonly Block[] = []

  constructor(profile: MeterProfile, options: PlanOptions) {
    this.#profile = profile
    this.#options = options
    this.#plan()
  }

  /** The requests of the next scan. */
  next(): readonly Block[] {
    // The first has everything; later ones are spread, so that meters of one line do not all take long at once.
    const slow = this.#scan === 0 || (this.#scan + this.#options.phase) % SLOW_SCANS === 0
    this.#scan += 1
    return slow || (this.#options.bytesAreFree && this.#all.length === this.#fast.length)
      ? this.#all
      : this.#fast
  }

  /** Small reads of different lengths that any device with this map answers. */
  get probes(): readonly Block[] {
    return this.#fast.flatMap((block) => {
      const spans = this.#pointsIn(block).map(spanOf)
      return spans.map((span) => ({ ...block, count: span.addr + span.words - block.addr }))
    })
  }

  /**
   * Takes a refusal into account: a request is cut in two; a register that stands alone is given up where some models
   * lack it.
   * @returns the requests that take its place, or the point that cannot be read and should
   */
  refused(block: Block): readonly Block[] | PointName {
    const points = this.#pointsIn(block)
    const [only] = points
    const parts = points.length > 1 ? this.#parts(block) : []
    // Values that share a register, such as a scale factor, may not come apart.
    if (parts.some((part) => keyOf(part) === keyOf(block))) return only?.name ?? 'f'
    if (parts.length > 0) this.#refused.add(keyOf(block))
    else if (only?.optional) this.#absent.add(only.name)
    else return only?.name ?? 'f'
    this.#plan()
    return parts
  }

  #plan(): void {
    const wanted = wantedOf(this.#profile).filter(({ name }) => !this.#absent.has(name))
    const cut = (points: readonly ResolvedPoint[]) =>
      planReads(points.map(spanOf), this.#maxRead).flatMap((block) => this.#accepted(block))
    this.#all = cut(wanted)
    this.#fast = cut(wanted.filter(({ name }) => FAST.test(name)))
  }

  /** A request, or the parts of it that were not refused. */
  #accepted(block: Block): readonly Block[] {
    return this.#refused.has(keyOf(block))
      ? this.#parts(block).flatMap((part) => this.#accepted(part))
      : [block]
  }

  #parts(block: Block): readonly Block[] {
    const spans = this.#pointsIn(block).map(spanOf)
    const half = Math.ceil(spans.length / 2)
    return [spans.slice(0, half), spans.slice(half)].flatMap((part) => planReads(part, this.#maxRead))
  }

  #pointsIn(block: Block): readonly ResolvedPoint[] {
    return wantedOf(this.#profile).filter(
      (point) => !this.#absent.has(point.name) && covers(block, spanOf(point)),
    )
  }

  get #maxRead(): number {
    return this.#options.maxRead ?? this.#profile.limits.maxRead ?? UNDOCUMENTED_MAX_READ
  }
}

/** The points that a reading is made of, with the parts of its sums. */
function wantedOf(profile: MeterProfile): readonly ResolvedPoint[] {
  const parts = Object.entries(profile.derived).flatMap(([name, of]) => (isWanted(name) ? (of ?? []) : []))
  return pointsOf(profile).filter(({ name }) => isWanted(name) || parts.includes(name))
}

const isWanted = (name: string): boolean => FAST.test(name) || SLOW.test(name)
const keyOf = ({ functionCode, addr, count }: Block): string => `${functionCode}/${addr}/${count}`
