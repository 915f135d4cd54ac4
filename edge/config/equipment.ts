import { as, type CircuitId, type StationId } from '@busbar/model/ids.ts'
import { amps, percent, watts } from '@busbar/units/electricity.ts'
import { perPhase } from '@busbar/units/per-phase.ts'
import type { AgreedLimit, Cabinet, Circuit, Hours } from '../domain/site/site.ts'
import type { DepotConfig } from './schema.ts'

type CircuitConfig = DepotConfig['site']['circuits'][number]
type LimitConfig = DepotConfig['site']['limits'][number]

/** One number for all conductors, or one for each. */
export const spread = (value: CircuitConfig['rating_a']) =>
  perPhase((phase) => amps(typeof value === 'number' ? value : value[phase]))

/** Where a circuit is drawn: below its parent, or the first of its feeds. */
export function parentOf({ parent, fed_by: feeds }: CircuitConfig): CircuitId | null {
  const drawn = parent ?? feeds?.[0]?.circuit
  return drawn === undefined ? null : as<CircuitId>(drawn)
}

type Specials = Pick<Circuit, 'feeds' | 'transformer' | 'neutral' | 'unbalanceA' | 'source' | 'busA'>

/** What only some circuits have. */
export function specialsOf(circuit: CircuitConfig): Specials {
  const {
    fed_by: feeds,
    transformer,
    neutral,
    unbalance_limit_a: unbalance,
    source,
    bus_rating_a: bus,
  } = circuit
  return {
    ...(feeds && {
      feeds: feeds.map((feed) => ({ circuit: as<CircuitId>(feed.circuit), share: feed.worst_share })),
    }),
    ...(transformer && {
      transformer: { group: transformer.group, ratio: transformer.primary_v / transformer.secondary_v },
    }),
    ...(neutral && { neutral: { ratingA: amps(neutral.rating_a), thirdHarmonic: neutral.third_harmonic } }),
    ...(unbalance !== undefined && { unbalanceA: amps(unbalance) }),
    ...(bus !== undefined && { busA: spread(bus) }),
    ...(source && {
      source: {
        kind: source.kind,
        ratingW: watts(source.rating_kw * 1000),
        firmAbovePct: source.firm_above_pct === undefined ? null : percent(source.firm_above_pct),
      },
    }),
  }
}

/** A station's limits as a whole; none where it has no cabinet. */
export function toCabinet({ id, circuit, cabinet }: DepotConfig['stations'][number]): Cabinet[] {
  if (cabinet === undefined) return []
  const { input_a: inputA, input_kw: inputKw, idle_kw: idleKw, modules } = cabinet
  return [
    {
      station: as<StationId>(id),
      circuit: as<CircuitId>(circuit),
      inputA: inputA === undefined ? null : spread(inputA),
      inputW: inputKw === undefined ? null : watts(inputKw * 1000),
      idleW: watts(idleKw * 1000),
      modules: modules === undefined ? null : { count: modules.count, powerW: watts(modules.each_kw * 1000) },
    },
  ]
}

/** An agreed limit in the domain's words. */
export function toLimit({
  circuit,
  by,
  direction,
  limit_a: a,
  limit_kw: kw,
  hours,
}: LimitConfig): AgreedLimit {
  return {
    circuit: as<CircuitId>(circuit),
    origin: by,
    direction,
    limit: a === undefined ? { limit_w: watts((kw ?? 0) * 1000) } : { limit_a: amps(a) },
    ...(hours && { hours: toHours(hours) }),
  }
}

const DAYS: NonNullable<NonNullable<LimitConfig['hours']>['days']> = [
  'mon',
  'tue',
  'wed',
  'thu',
  'fri',
  'sat',
  'sun',
]

const toHours = ({ from, to, days = DAYS }: NonNullable<LimitConfig['hours']>): Hours => ({
  from: minuteOf(from),
  to: minuteOf(to),
  days: days.map((day) => DAYS.indexOf(day)),
})

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
