import { z } from 'zod'
import { answered, type CallAnswer, status } from '../inbound.ts'
import { expressed, ownUnit } from '../offered-limit.ts'
import type { Quirk, QuirkedStation, Said, Switches } from './quirk.ts'

/** The profile group: what a station makes of the charging profiles it is sent. */
export const PROFILE_SWITCHES = {
  'profile.purposes': (purposes) =>
    takesOnly(({ chargingProfilePurpose: purpose }) => purposes.some((one) => one === inWords16(purpose))),
  'profile.kind': (kind) => takesOnly(({ chargingProfileKind }) => chargingProfileKind === kind),
  'profile.stack-level': (level) => takesOnly(({ stackLevel }) => stackLevel === level),
  'profile.unit': obeysOnly,
  'profile.transaction-id': (how) =>
    takesOnly(
      ({ chargingProfilePurpose: purpose, transactionId }) =>
        purpose !== 'TxProfile' || (transactionId === undefined) === (how === 'omit'),
      how === 'omit',
    ),
  'profile.zero': (zero) => (zero === 'pauses' ? {} : endsAtZero(zero === 'ends-and-persists')),
  'profile.resend-after-zero': (on) => (on ? ignoresAfterZero() : {}),
  'profile.max-is-per-connector': (on) => (on ? drawsTwice() : {}),
  'profile.spike-on-set-s': spikes,
  'profile.lost-on-reconnect': (on) => (on ? { online: ({ profiles }) => void profiles.clear({}) } : {}),
  'profile.no-profile-in-start': (on) => (on ? startsBare() : {}),
  'profile.verify': (by) => (by === 'meter' ? rejectsComposite() : {}),
  'profile.limit-via': ({ key, unit }) => limitedBy(key, unit),
} as const satisfies Switches

const Sent = z
  .object({
    chargingProfilePurpose: z.string(),
    chargingProfileKind: z.string(),
    stackLevel: z.number(),
    transactionId: z.unknown().optional(),
    chargingSchedule: z.unknown(),
  })
  .loose()
type Sent = z.infer<typeof Sent>

/** The profile in a request to set one, in either version; null in any other. */
function profileIn({ action, payload }: Said): Sent | null {
  if (action !== 'SetChargingProfile') return null
  const read = Sent.safeParse(payload.csChargingProfiles ?? payload.chargingProfile)
  return read.success ? read.data : null
}

const Limits = z.object({ chargingSchedulePeriod: z.array(z.object({ limit: z.number() })).min(1) })

/** What the profile allows first. */
function firstLimit({ chargingSchedule }: Sent): number | null {
  const read = Limits.safeParse(Array.isArray(chargingSchedule) ? chargingSchedule[0] : chargingSchedule)
  return read.success ? (read.data.chargingSchedulePeriod[0]?.limit ?? null) : null
}

const inWords16 = (purpose: string): string =>
  purpose === 'ChargingStationMaxProfile' ? 'ChargePointMaxProfile' : purpose

const accepted = (answer: CallAnswer): boolean => 'payload' in answer && answer.payload.status === 'Accepted'

/** Rejects what does not fit; with `bound`, a profile of a transaction is taken for the one that runs. */
function takesOnly(fits: (profile: Sent) => boolean, bound = false): Quirk {
  return {
    answers(asked, usual, { connector }) {
      const profile = profileIn(asked)
      if (profile === null) return usual(asked)
      if (!fits(profile)) return status('Rejected')
      const id = connector.transaction?.id
      if (!bound || profile.chargingProfilePurpose !== 'TxProfile' || id == null) return usual(asked)
      const member = 'csChargingProfiles' in asked.payload ? 'csChargingProfiles' : 'chargingProfile'
      return usual({ ...asked, payload: { ...asked.payload, [member]: { ...profile, transactionId: id } } })
    },
  }
}

/** Takes profiles of the other unit and does nothing with them. */
function obeysOnly(unit: 'A' | 'W'): Quirk {
  const Unit = z.object({ chargingRateUnit: z.string() })
  return {
    answers(asked, usual) {
      const profile = profileIn(asked)
      const schedule = profile?.chargingSchedule
      const read = Unit.safeParse(Array.isArray(schedule) ? schedule[0] : schedule)
      return profile !== null && read.success && read.data.chargingRateUnit !== unit
        ? status('Accepted')
        : usual(asked)
    },
  }
}

/** The transaction ends at a limit of 0; and each one after it, until the profiles are cleared. */
function endsAtZero(persists: boolean): Quirk {
  let stuck = false
  return {
    answers(asked, usual) {
      if (asked.action === 'ClearChargingProfile') stuck = false
      return usual(asked)
    },
    ticks(_at, { connector }) {
      const ends = connector.transaction !== null && (stuck || connector.offered?.value === 0)
      if (!ends) return
      stuck = persists
      connector.end('Other')
    },
  }
}

/** The first limit after one of 0 is accepted, and until the next it charges as it likes. */
function ignoresAfterZero(): Quirk {
  let state: 'obeys' | 'paused' | 'free' = 'obeys'
  return {
    answers(asked, usual) {
      const profile = profileIn(asked)
      const answer = usual(asked)
      if (profile === null || !accepted(answer)) return answer
      if (firstLimit(profile) === 0) state = 'paused'
      else state = state === 'paused' ? 'free' : 'obeys'
      return answer
    },
    offers: (limit, { rating }) => (state === 'free' ? rating.value : limit),
  }
}

/** Each of two connectors takes the station's maximum; the one that is there draws for both. */
const drawsTwice = (): Quirk => ({
  offers(limit, { connector, rating }) {
    const { by } = connector.offered ?? {}
    const own = typeof by === 'object' && by.purpose === 'ChargePointMaxProfile'
    return own ? Math.min(rating.value, 2 * limit) : limit
  },
})

/** Full power for so long after each profile. */
function spikes(seconds: number): Quirk {
  let until = 0
  return {
    answers(asked, usual, { now }) {
      if (profileIn(asked) !== null || asked.action === 'ClearChargingProfile') until = now() + seconds * 1000
      return usual(asked)
    },
    offers: (limit, { now, rating }) => (now() < until ? rating.value : limit),
  }
}

const startsBare = (): Quirk => ({
  answers: (asked, usual) =>
    asked.action.endsWith('StartTransaction') && asked.payload.chargingProfile !== undefined
      ? status('Rejected')
      : usual(asked),
})

/** As seen in the field: the refusal comes with a body that must not be read. */
const rejectsComposite = (): Quirk => ({
  answers: (asked, usual) =>
    asked.action === 'GetCompositeSchedule'
      ? answered({
          status: 'Rejected',
          scheduleStart: '0',
          chargingSchedule: { chargingRateUnit: '', chargingSchedulePeriod: [{ startPeriod: 0, limit: 0 }] },
        })
      : usual(asked),
})

/** Knows no charging profiles; a key of its own has the limit. */
function limitedBy(key: string, unit: 'A' | 'W'): Quirk {
  let limit: number | null = null
  const profiles = ['SetChargingProfile', 'ClearChargingProfile', 'GetCompositeSchedule']
  return {
    answers(asked, usual) {
      if (profiles.includes(asked.action))
        return { error: 'NotSupported', description: 'There are no charging profiles here' }
      if (asked.action !== 'ChangeConfiguration' || asked.payload.key !== key) return usual(asked)
      const value = Number(asked.payload.value)
      if (!Number.isFinite(value) || value < 0) return status('Rejected')
      limit = value
      return status('Accepted')
    },
    offers: (_limit, { rating }) => (limit === null ? rating.value : inRating(limit, unit, rating)),
  }
}

function inRating(limit: number, unit: 'A' | 'W', rating: QuirkedStation['rating']): number {
  const own = unit === ownUnit(rating) ? limit : limit / expressed(rating, 1, unit)
  return Math.min(rating.value, own)
}
