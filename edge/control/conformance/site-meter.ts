import type { MeterId } from '@busbar/model/ids.ts'
import { between, type Monotonic, seconds } from '@busbar/units/time.ts'
import type { MeterReading } from '../../domain/inputs.ts'
import { freshReport } from '../../domain/load-balancing/observation.ts'
import { activePhases, type Level } from '../../domain/load-balancing/rows.ts'
import { upstream } from '../../domain/site/feeding.ts'
import type { Circuit, Evse } from '../../domain/site/site.ts'
import type { Depot } from '../depot.ts'
import type { MeterWatch } from '../meters/meter-watch.ts'

const FRESH = seconds(5)

/** What one sight of the meter says, in the unit of the EVSE's limits. */
export interface Seen {
  readonly at: Monotonic
  readonly level: Level
}

/**
 * The site's nearest meter as a witness of one EVSE: what it reads beyond what other stations report is taken as other
 * loads and the EVSE. Other loads move, so it is read against a moment at which the EVSE's draw was known.
 */
export class SiteMeter {
  readonly id: MeterId
  readonly #depot: Depot
  readonly #evse: Evse
  readonly #circuit: Circuit
  #known: { readonly raw: number; readonly level: Level } | null = null

  constructor(depot: Depot, evse: Evse, { watch, circuit }: { watch: MeterWatch; circuit: Circuit }) {
    this.id = watch.place.id
    this.#depot = depot
    this.#evse = evse
    this.#circuit = circuit
  }

  /** From now on it is read against this: the EVSE drew `level` since then. */
  trust(level: Level, since: Monotonic): void {
    const raw = mean(this.#raw(since).map(({ level: each }) => each))
    if (raw !== null) this.#known = { raw, level }
  }

  /** What the EVSE drew at each reading since then. */
  seen(since: Monotonic): readonly Seen[] {
    const known = this.#known
    if (known === null) return []
    return this.#raw(since).map(({ at, level }) => ({
      at,
      level: Math.max(0, known.level + level - known.raw),
    }))
  }

  /** Half the width of what it reads while nothing changes. */
  noise(since: Monotonic): number {
    const values = this.#raw(since).map(({ level }) => level)
    return values.length < 3 ? Number.POSITIVE_INFINITY : (Math.max(...values) - Math.min(...values)) / 2
  }

  #raw(since: Monotonic): readonly Seen[] {
    const watch = this.#depot.watches.get(this.id)
    const others = othersOn(this.#depot, this.#evse, this.#circuit)
    return (watch?.recent ?? []).flatMap((reading) => {
      const level = reading.measuredAtMonotonic < since ? null : levelIn(this.#depot, this.#evse, reading)
      return level === null ? [] : [{ at: reading.measuredAtMonotonic, level: level - others }]
    })
  }
}

/** The nearest meter above an EVSE that sees all of its current as it is; null where there is none. */
export function meterOver(depot: Depot, evse: Evse): SiteMeter | null {
  const reaches = depot.wiring.reaches.get(evse.key) ?? []
  for (const circuit of upstream(depot.setup.site, evse.circuit)) {
    const reach = reaches.find((each) => each.circuit.id === circuit.id)
    const watch = circuit.meter === null ? undefined : depot.watches.get(circuit.meter)
    const last = watch?.recent.at(-1)
    if (watch === undefined || last === undefined || reach === undefined) continue
    const whole = reach.share === 1 && reach.least === 1 && reach.through.length === 0
    const lives = between(last.measuredAtMonotonic, depot.monotonic) <= FRESH
    if (whole && lives && levelIn(depot, evse, last) !== null)
      return new SiteMeter(depot, evse, { watch, circuit })
  }
  return null
}

/** The mean over the conductors that the vehicle uses, mA; W of output for DC. */
function levelIn(depot: Depot, evse: Evse, { currentA, powerW }: MeterReading): number | null {
  if (evse.current === 'dc') return powerW === undefined ? null : powerW * evse.efficiency
  const phases = activePhases(evse, depot.observation(evse.key).usedPhases)
  const values = phases.flatMap((phase) => (currentA?.[phase] === undefined ? [] : [currentA[phase] * 1000]))
  return values.length === phases.length ? mean(values) : null
}

/** What other stations below the meter report just now, in the same terms. */
function othersOn(depot: Depot, evse: Evse, circuit: Circuit): number {
  const phases = activePhases(evse, depot.observation(evse.key).usedPhases)
  let sum = 0
  for (const other of depot.setup.site.evses.values()) {
    const reached = depot.wiring.reaches.get(other.key)?.some((reach) => reach.circuit.id === circuit.id)
    const report =
      other.key === evse.key || !reached ? null : freshReport(depot.observation(other.key), depot.monotonic)
    if (report === null) continue
    if (evse.current === 'dc') sum += ((report.powerW ?? 0) / other.efficiency) * evse.efficiency
    else sum += phases.reduce((all, phase) => all + (report.currentMa[phase] ?? 0), 0) / phases.length
  }
  return sum
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
