import { answered, type CallAnswer, status } from '../inbound.ts'
import type { Payload } from '../uplink.ts'
import type { Quirk, Said, Switches } from './quirk.ts'

/** The groups boot, config, measurands and availability: how a station begins and what can be set at it. */
export const SETUP_SWITCHES = {
  'boot.allow-empty-vendor': (on) => (on ? inBoot((payload) => ({ ...payload, chargePointVendor: '' })) : {}),
  'boot.trigger-after-s': () => bootsWhenAsked(),
  'boot.wait-s': (waitS) => bootsLate(waitS * 0.75),

  'config.never-read': (keys) => restartsOn((said) => reads(said, keys)),
  'config.never-write': (keys) =>
    restartsOn(({ action, payload }) => action === 'ChangeConfiguration' && isIn(keys, payload.key)),
  'config.read-only-these': (keys) =>
    restartsOn((said) => said.action === 'GetConfiguration' && !named(said).every((key) => isIn(keys, key))),
  'config.alias': aliased,
  'config.unit-factor': (factors) => inOtherUnits(factors),
  'config.secret-keys': (keys) => ({
    answers: (asked, usual) =>
      asked.action === 'GetConfiguration'
        ? withKeys(usual(asked), (listed) => [...listed, ...keys.map(shownInClear)])
        : usual(asked),
  }),

  'measurands.fixed': (list) => silentAfter((asked) => asked.some((one) => !list.includes(one))),
  'measurands.remove': (unwanted) => silentAfter((asked) => asked.some((one) => unwanted.includes(one))),
  'measurands.one-by-one': (on) => (on ? oneByOne() : {}),
  'measurands.from-key': (key) => underKey(key),
  'measurands.read-only': (on) =>
    on ? { answers: (asked, usual) => (writesList(asked) ? status('Rejected') : usual(asked)) } : {},

  'availability.never-set': (on) =>
    on
      ? {
          answers(asked, usual, { hangUp }) {
            const answer = usual(asked)
            return asked.action === 'ChangeAvailability' && 'payload' in answer
              ? answered(answer.payload, () => hangUp(60))
              : answer
          },
        }
      : {},
} as const satisfies Switches

const LIST = 'MeterValuesSampledData'
const isIn = (keys: readonly string[], key: unknown): boolean => keys.some((one) => one === key)
const writesList = ({ action, payload }: Said): boolean =>
  action === 'ChangeConfiguration' && payload.key === LIST
const listed = (value: unknown): string[] => String(value).split(',')

const inBoot = (told: (payload: Payload) => Payload): Quirk => ({
  says: (said) => (said.action === 'BootNotification' ? { ...said, payload: told(said.payload) } : said),
})

/** On connecting it says nothing; asked, it boots as any other. */
function bootsWhenAsked(): Quirk {
  let asked = false
  return {
    says: (said) => (said.action === 'BootNotification' && !asked ? null : said),
    answers(request, usual) {
      asked ||= request.payload.requestedMessage === 'BootNotification'
      return usual(request)
    },
    lost: () => {
      asked = false
    },
  }
}

/** It boots so long after its first try, and restarts when it is spoken to of anything but limits before. */
function bootsLate(afterS: number): Quirk {
  let since: number | null = null
  let booted = false
  return {
    says(said, station) {
      if (said.action !== 'BootNotification') return said
      since ??= station.now()
      booted = station.now() - since >= afterS * 1000
      return booted ? said : null
    },
    answers(asked, usual, { reset, record }) {
      if (booted || asked.action === 'SetChargingProfile') return usual(asked)
      record('disturbed', { action: asked.action })
      return answered({}, () => reset('Hard'))
    },
    lost: () => {
      since = null
      booted = false
    },
  }
}

/** The keys that a request names; none means all. */
const named = ({ payload }: Said): readonly unknown[] =>
  Array.isArray(payload.key) && payload.key.length > 0 ? payload.key : ['all of them']
const reads = (said: Said, keys: readonly string[]): boolean =>
  said.action === 'GetConfiguration' && named(said).some((key) => key === 'all of them' || isIn(keys, key))

const restartsOn = (harmful: (said: Said) => boolean): Quirk => ({
  answers(asked, usual, { reset }) {
    const answer = usual(asked)
    return harmful(asked) && 'payload' in answer ? answered(answer.payload, () => reset('Hard')) : answer
  },
})

interface ShownKey {
  readonly key: string
  readonly readonly: boolean
  readonly value: string
}
const shownInClear = (key: string): ShownKey => ({ key, readonly: false, value: 'depot-1234' })

/** The answer with other keys in it. */
function withKeys(answer: CallAnswer, told: (keys: readonly ShownKey[]) => readonly ShownKey[]): CallAnswer {
  if (!('payload' in answer) || !Array.isArray(answer.payload.configurationKey)) return answer
  return {
    ...answer,
    payload: { ...answer.payload, configurationKey: told(answer.payload.configurationKey) },
  }
}

/** Keys of the standard are unknown to it; it has names of its own for them. */
function aliased(aliases: Readonly<Record<string, string>>): Quirk {
  const pairs = Object.entries(aliases)
  const standard = (key: unknown) => {
    if (pairs.some(([ours]) => ours === key)) return `unknown ${String(key)}`
    return pairs.find(([, own]) => own === key)?.[0] ?? key
  }
  return {
    answers(asked, usual) {
      const { key } = asked.payload
      const payload = {
        ...asked.payload,
        ...(Array.isArray(key) ? { key: key.map(standard) } : { key: standard(key) }),
      }
      if (asked.action === 'ChangeConfiguration') return usual({ ...asked, payload })
      if (asked.action !== 'GetConfiguration' || key === undefined) return usual(asked)
      return withKeys(usual({ ...asked, payload }), (keys) =>
        keys.map((one) => ({ ...one, key: aliases[one.key] ?? one.key })),
      )
    },
  }
}

/** Values of these keys are in other units. */
const inOtherUnits = (factors: Readonly<Record<string, number>>): Quirk => ({
  answers(asked, usual) {
    const factor = factors[String(asked.payload.key)]
    if (asked.action === 'ChangeConfiguration' && factor !== undefined) {
      const value = String(Number(asked.payload.value) / factor)
      return usual({ ...asked, payload: { ...asked.payload, value } })
    }
    if (asked.action !== 'GetConfiguration') return usual(asked)
    return withKeys(usual(asked), (keys) =>
      keys.map((one) => ({ ...one, value: scaled(one.value, factors[one.key]) })),
    )
  },
})
const scaled = (value: string, factor: number | undefined): string =>
  factor === undefined ? value : String(Number(value) * factor)

/** It accepts any list, and sends nothing more after some. */
const silentAfter = (harmful: (asked: readonly string[]) => boolean): Quirk => ({
  answers(asked, usual, { configuration }) {
    const answer = usual(asked)
    if (writesList(asked) && harmful(listed(asked.payload.value))) configuration.change(LIST, '')
    return answer
  },
})

/** It takes one measurand at a time, beside those that it has been given. */
function oneByOne(): Quirk {
  const given: string[] = []
  return {
    answers(asked, usual) {
      if (!writesList(asked)) return usual(asked)
      const [only = '', ...more] = listed(asked.payload.value)
      if (more.length > 0) return status('Rejected')
      given.push(only)
      return usual({ ...asked, payload: { ...asked.payload, value: given.join(',') } })
    },
  }
}

/** Its list stands under another key, and under that of the standard there is nothing. */
const underKey = (own: string): Quirk => ({
  answers(asked, usual) {
    if (asked.action !== 'GetConfiguration' || !Array.isArray(asked.payload.key)) return usual(asked)
    const key = asked.payload.key.map((one: unknown) => {
      if (one === own) return LIST
      return one === LIST ? `unknown ${LIST}` : one
    })
    return withKeys(usual({ ...asked, payload: { ...asked.payload, key } }), (keys) =>
      keys.map((one) => (one.key === LIST ? { ...one, key: own } : one)),
    )
  },
})
