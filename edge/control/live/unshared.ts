import { between, later, type Monotonic } from '@busbar/units/time.ts'
import type { Explanation } from '../../domain/load-balancing/explain.ts'
import { fallbackLevel } from '../../domain/load-balancing/hold.ts'
import { type Level, levelOf } from '../../domain/load-balancing/rows.ts'
import { type AskedBy, boundOf, restingModules } from '../asked.ts'
import { manualState, overrideAt } from '../manual/state.ts'
import { type Rest, restOf } from '../rest.ts'
import { qualityOf } from '../row-base.ts'
import type { EvseNow } from '../use.ts'
import { explanationsOf } from './explained.ts'
import { heldW } from './held.ts'
import { type ReasonContext, type Why, why } from './why.ts'

/** No row holds it: its own bounds, a message that did not leave, or the time since its last change does. */
export function unshared(now: EvseNow, context: ReasonContext): Why {
  const { depot, decision } = context
  const explanation = explanationsOf(depot, decision).get(now.evse.key)
  switch (explanation?.cause.kind) {
    case 'resting':
      return resting(now, explanation, context)
    case 'unsent':
      return unsent(now, explanation, context)
    case 'fixed':
      return notSteered(now, context)
  }
  const level = explanation?.level ?? fallbackLevel(now.use)
  const rating = levelOf(now.evse.rating)
  if (level >= rating) return FULL
  switch (explanation?.cause.kind) {
    case 'dead-band':
      return level >= ALMOST * rating
        ? why('charging', 'rating', 'Almost full power; nothing limits it')
        : why('limited', 'near-share', 'At its share, but for a change too small to send')
    case 'max':
      return bounded(now, context)
    default:
      return why('limited', 'given-no-more', 'Gets its share of what there is')
  }
}

const FULL = why('charging', 'rating', 'Full power; nothing limits it')
/** A limit this close to the rating is not worth another message. */
const ALMOST = 0.95

const RESTS: Readonly<Record<Rest['why'], string>> = {
  change: '',
  flash: "Its station's memory is spared; ",
  restart: 'Comes back in turn after an outage; ',
}

function resting(now: EvseNow, { level, share }: Explanation, { depot, words }: ReasonContext): Why {
  const rest = restOf(depot, now.evse)
  // The rest may have ended since the decision; the next one is less than a second away.
  const at = words.timeExact(rest === null ? depot.now : wall(depot, rest.until))
  const next = `${level < share ? 'next raise' : 'next change'} at ${at} at the earliest`
  return why('limited', 'resting', capital(`${RESTS[rest?.why ?? 'change']}${next}`))
}

const wall = ({ now, monotonic }: ReasonContext['depot'], at: Monotonic) => later(now, between(monotonic, at))

/** A limit that was decided and did not leave: a failure before it, or the rise of the whole site, holds it back. */
function unsent(now: EvseNow, { share }: Explanation, { depot, words }: ReasonContext): Why {
  const failure = depot.failures.get(now.evse.key)
  const limit = words.limit(share, now.evse.current === 'dc')
  if (failure !== undefined) {
    const did = failure.refused ? 'refused' : 'did not answer'
    const wait = Math.max(depot.monotonic, failure.until) as Monotonic
    const again = `sent again at ${words.timeExact(wall(depot, wait))} at the earliest`
    return why('limited', 'limit-failed', `Its station ${did} its last limit; ${limit} is ${again}`)
  }
  const riseW = depot.setup.policy.maxRiseWPerMin
  return riseW === null
    ? why('limited', 'about-to-send', `Is about to be sent ${limit}`)
    : why(
        'limited',
        'rises-in-turn',
        `Rises in its turn: all limits together rise by ${words.kw(riseW)} a minute`,
      )
}

function notSteered(now: EvseNow, { depot, words }: ReasonContext): Why {
  const held = `${words.kw(heldW(depot, now))} held for what it may draw`
  return depot.flapping.flaps(now.evse.station, depot.monotonic)
    ? why('offline', 'flapping', `Its connection comes and goes; ${held}`)
    : why('limited', 'not-steered', `Connected, and has not told that it started; ${held}`)
}

/** It is given all that it asks for: who says that it asks for no more. */
function bounded(now: EvseNow, context: ReasonContext): Why {
  const { depot, decision, words } = context
  const own = decision.snapshot.evses.find(({ key }) => key === now.evse.key)
  if (own === undefined) return FULL
  const silent = now.loads.some((c) => {
    const row = depot.rows[c.row]
    return c.perLevel > 0 && row !== undefined && qualityOf(depot, row) === 'static'
  })
  const bound = boundOf(depot, now, { ...own, silent })
  const [state, code, sentence] = BOUNDS[bound.by]
  const rest = bound.by === 'modules' ? restingModules(depot, now) : null
  if (rest !== null)
    return why(state, code, `${sentence}; the next at ${words.timeExact(wall(depot, rest.until))}`)
  if (bound.by !== 'person') return why(state, code, sentence)
  const override = overrideAt(manualState(depot), now.evse.key, depot.now)
  if (override === undefined) return why(state, code, sentence)
  const limit = words.limit(bound.level as Level, now.evse.current === 'dc')
  return why(state, code, `${sentence}: ${limit} by ${override.by}, until ${words.time(override.until)}`)
}

const BOUNDS: Readonly<Record<AskedBy, readonly [Why['state'], string, string]>> = {
  rating: ['charging', 'rating', FULL.sentence],
  cable: ['charging', 'cable', "Its cable carries no more at the vehicle's battery voltage"],
  vehicle: ['charging', 'vehicle-limit', 'The vehicle takes no more'],
  meter: ['limited', 'meter', 'A meter is not live; nothing rises'],
  token: ['limited', 'not-authorized', 'Its token is not accepted; it gets its fallback at most'],
  overload: ['limited', 'overload', 'Held down by an overload'],
  wake: ['limited', 'waking', 'Its offer is taken back for a moment, so that the vehicle wakes up'],
  test: ['limited', 'meter-test', 'Held down for a moment while a meter is tested'],
  'not-following': ['charging', 'not-following', 'Stays until it follows its limit'],
  modules: ['limited', 'modules-rest', 'Takes no other power module yet'],
  person: ['limited', 'held-by-hand', 'Limited by hand'],
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
