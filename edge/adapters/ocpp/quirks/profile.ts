import { watts } from '@busbar/units/electricity.ts'
import type { StationCommand } from '../../../domain/commands.ts'
import { type ChargingLimit, limitValue } from '../../../domain/limit.ts'
import { numberOf, objectsOf, textOf } from '../tolerant.ts'
import { type Handlings, type Quirk, rejected } from './quirk.ts'

/** A start leaves without its profile. */
const BARE_START: Quirk = {
  sends(command, usual) {
    if (command.kind !== 'request-start') return usual(command)
    const { limit: _limit, ...bare } = command
    return usual(bare)
  },
}

/** The profile group: which charging profiles a station takes and obeys. */
export const PROFILE_QUIRKS = {
  'profile.purposes': {
    how: 'A profile of a purpose that it does not take is not sent; without a default it counts at its rating.',
    make: (purposes) => ({
      ...eachProfile((profile) =>
        purposes.some((one) => one === purposeOf(profile))
          ? profile
          : { refused: `this model takes no ${purposeOf(profile)}` },
      ),
      ...(purposes.includes('TxProfile') ? {} : BARE_START),
    }),
  },
  'profile.kind': {
    how: 'Schedules are of the kind that it takes. A relative one has no end: the limit counts until the transaction ends.',
    make: (kind) => eachProfile((profile) => (kind === 'Relative' ? relative(profile) : profile)),
  },
  'profile.stack-level': {
    how: 'Every profile has the one level that it takes.',
    make: (stackLevel) => eachProfile((profile) => ({ ...profile, stackLevel })),
  },
  'profile.unit': {
    how: 'Limits are put into its unit so that they allow no more; with more than one phase it counts at its rating.',
    make: inUnit,
  },
  'profile.transaction-id': {
    how: 'The profile of a transaction names it, from every station; or leaves it out.',
    make: (how) => (how === 'omit' ? eachProfile(({ transactionId: _id, ...profile }) => profile) : {}),
  },
  'profile.zero': {
    how: 'Where a limit of 0 ends the transaction none is sent: it is stopped instead.',
    make: (zero) => (zero === 'pauses' ? {} : neverZero()),
  },
  'profile.resend-after-zero': {
    how: 'The first limit after one of 0 is sent twice. Between the two it may charge as it likes, so it counts at its rating.',
    make: sendsTwiceAfterZero,
  },
  'profile.max-is-per-connector': {
    how: 'The maximum of the whole station is not set.',
    make: () =>
      eachProfile((profile) =>
        purposeOf(profile) === 'ChargePointMaxProfile'
          ? { refused: 'each connector of this model would take the maximum of the station for itself' }
          : profile,
      ),
  },
  'profile.spike-on-set-s': {
    how: 'It counts at its rating, since full power flows after each new limit.',
  },
  'profile.lost-on-reconnect': {
    how: 'It counts at its rating, since it may charge without a limit whenever the link goes; on connecting limits are sent first.',
  },
  'profile.no-profile-in-start': {
    how: 'A start carries no profile; the default holds until the transaction has its limit.',
    make: () => BARE_START,
  },
  'profile.verify': {
    how: 'It is not asked what it makes of its limits; only a meter shows that it obeys.',
    make: (by) =>
      by === 'meter'
        ? {
            sends: (command, usual) =>
              command.kind === 'get-composite-limit'
                ? rejected('what this model says of its limits is not to be read')
                : usual(command),
          }
        : {},
  },
  'profile.limit-via': {
    how: 'Limits are written to its own key. They have no end, so it counts at its rating.',
    make: ({ key, unit }) => byKey(key, unit),
  },
} as const satisfies Handlings

type Profile = Readonly<Record<string, unknown>>
type Made = Profile | { readonly refused: string }

/** Every profile that leaves, in a request to set one or to start. */
function eachProfile(make: (profile: Profile) => Made): Quirk {
  return {
    says(said) {
      const member = ['csChargingProfiles', 'chargingProfile'].find((name) => name in said.payload)
      const sets = said.action === 'SetChargingProfile' || said.action.endsWith('StartTransaction')
      const [profile] = member === undefined ? [] : objectsOf(said.payload[member])
      if (!sets || member === undefined || profile === undefined) return said
      const made = make(profile)
      if ('refused' in made && typeof made.refused === 'string') return { refused: made.refused }
      return { ...said, payload: { ...said.payload, [member]: made } }
    },
  }
}

const purposeOf = ({ chargingProfilePurpose: purpose }: Profile): string => {
  const word = textOf(purpose) ?? ''
  return word === 'ChargingStationMaxProfile' ? 'ChargePointMaxProfile' : word
}

/** One period from the start on says the same without a time, but not when to end. */
function relative(profile: Profile): Made {
  if (purposeOf(profile) === 'ChargePointMaxProfile' || profile.chargingProfileKind !== 'Absolute')
    return profile
  const schedules = objectsOf(profile.chargingSchedule)
  if (schedules.some(({ chargingSchedulePeriod: periods }) => objectsOf(periods).length !== 1))
    return { refused: 'this model takes relative schedules only' }
  const made = schedules.map(({ startSchedule: _start, duration: _end, ...schedule }) => schedule)
  const chargingSchedule = Array.isArray(profile.chargingSchedule) ? made : made[0]
  return { ...profile, chargingProfileKind: 'Relative', chargingSchedule }
}

type LimitCommand = Extract<StationCommand, { readonly limit: ChargingLimit }>

export const setsLimit = (command: StationCommand): command is LimitCommand =>
  command.kind === 'set-default-limit' || command.kind === 'set-transaction-limit'

/** A grid may be a tenth low; then a watt is more current. */
const LOWEST_V = 207

/** A limit in the other unit that allows no more; null where there is no sure way, as from watts of DC to its current. */
export function converted(limit: ChargingLimit, unit: 'A' | 'W', phases: number): ChargingLimit | null {
  if ('limit_a' in limit === (unit === 'A')) return limit
  return unit === 'W' ? { limit_w: watts(Math.floor(limitValue(limit) * LOWEST_V * phases)) } : null
}

export const NO_WAY = 'there is no sure way to put this limit into the unit that the model obeys'

function inUnit(unit: 'A' | 'W'): Quirk {
  return {
    sends(command, usual, { phases }) {
      if (command.kind === 'request-start') {
        const { limit: told, ...bare } = command
        const limit = told === undefined ? null : converted(told, unit, phases())
        return usual(limit === null ? bare : { ...bare, limit })
      }
      if (!setsLimit(command)) return usual(command)
      const limit = converted(command.limit, unit, phases())
      return limit === null ? rejected(NO_WAY) : usual({ ...command, limit })
    },
  }
}

/** A limit of 0 would end the transaction, on some for good; a stop ends it and no more. */
export const neverZero = (): Quirk => ({
  sends(command, usual) {
    if (!setsLimit(command) || limitValue(command.limit) > 0) return usual(command)
    if (command.kind === 'set-default-limit') return rejected('a default of 0 would end every transaction')
    return usual({ kind: 'request-stop', transaction: command.transaction })
  },
  ...eachProfile((profile) =>
    limitsIn(profile).some((limit) => limit === 0) ? { refused: 'a limit of 0 harms this model' } : profile,
  ),
})

const limitsIn = (profile: Profile): readonly (number | null)[] =>
  objectsOf(profile.chargingSchedule).flatMap(({ chargingSchedulePeriod: periods }) =>
    objectsOf(periods).map(({ limit }) => numberOf(limit)),
  )

function sendsTwiceAfterZero(on: boolean): Quirk {
  const paused = new Set<number>()
  if (!on) return {}
  return {
    async sends(command, usual) {
      if (!setsLimit(command)) return usual(command)
      const { evse, limit } = command
      if (limitValue(limit) === 0) {
        paused.add(evse)
        return usual(command)
      }
      if (!paused.has(evse)) return usual(command)
      const first = await usual(command)
      if (first.status !== 'accepted') return first
      const second = await usual(command)
      if (second.status === 'accepted') paused.delete(evse)
      return second
    },
  }
}

/** Its own key has one limit for all there is: no default beside that of a transaction, and no end. */
const byKey = (key: string, unit: 'A' | 'W'): Quirk => ({
  sends(command, usual, { phases }) {
    if (command.kind === 'request-start') {
      const { limit: _limit, ...bare } = command
      return usual(bare)
    }
    if (!setsLimit(command)) return usual(command)
    const limit = converted(command.limit, unit, phases())
    if (limit === null) return rejected(NO_WAY)
    const value = String(Math.floor(limitValue(limit) * 10) / 10)
    return usual({ kind: 'set-variable', name: key, value })
  },
})
