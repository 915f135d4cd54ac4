import { type MeterProfile, meterProfileShape, pointsOf, WORDS } from './meter-profile.ts'

const UNIT_OF: Readonly<Record<string, string>> = { u: 'V', i: 'A', p: 'W', f: 'Hz', e: 'Wh' }

/** Reads one meter profile; beside the shape it refuses wrong units, shared registers and sums of nothing. */
export const meterProfileSchema = meterProfileShape.superRefine((profile, context) => {
  for (const { path, message } of inconsistencies(profile))
    context.addIssue({ code: 'custom', path, message })
})

interface Inconsistency {
  readonly path: string[]
  readonly message: string
}

const inconsistencies = (profile: MeterProfile): Inconsistency[] => [
  ...wrongUnits(profile),
  ...overlaps(profile),
  ...emptySums(profile),
  ...overlong(profile),
  ...wrongRaws(profile),
  ...idleIdentities(profile),
]

const wrongUnits = (profile: MeterProfile): Inconsistency[] =>
  Object.entries(profile.points).flatMap(([name, { unit }]) => {
    const expected = UNIT_OF[name.charAt(0)]
    if (unit === expected) return []
    return [{ path: ['points', name, 'unit'], message: `expected ${expected}, found ${unit}` }]
  })

const overlaps = (profile: MeterProfile): Inconsistency[] => {
  const taken = new Map<string, string>()
  const spans = [
    ...pointsOf(profile).map((point) => ({ ...point, path: ['points', point.name, 'addr'] })),
    ...profile.identity.map((entry, index) => ({
      addr: entry.addr,
      words: WORDS[entry.type],
      functionCode: entry.functionCode ?? profile.functionCode,
      path: ['identity', String(index), 'addr'],
    })),
  ]
  return spans.flatMap(({ addr, words, functionCode, path }) => {
    const keys = Array.from({ length: words }, (_, offset) => `${functionCode}/${addr + offset}`)
    const other = keys.map((key) => taken.get(key)).find((owner) => owner !== undefined)
    for (const key of keys) taken.set(key, path.join('.'))
    return other ? [{ path, message: `register ${addr} already belongs to ${other}` }] : []
  })
}

const emptySums = (profile: MeterProfile): Inconsistency[] =>
  Object.entries(profile.derived).flatMap(([name, parts]) => {
    const missing = (parts ?? []).filter((part) => profile.points[part] === undefined)
    const twice = Object.hasOwn(profile.points, name) ? ['is a point as well'] : []
    const problems = [...twice, ...missing.map((part) => `sums ${part}, which is not a point`)]
    return problems.map((message) => ({ path: ['derived', name], message }))
  })

const overlong = (profile: MeterProfile): Inconsistency[] =>
  pointsOf(profile)
    .filter(({ addr, words }) => addr + words > 65536)
    .map(({ name }) => ({ path: ['points', name, 'addr'], message: 'runs past register 65535' }))

const wrongRaws = (profile: MeterProfile): Inconsistency[] =>
  profile.sentinels.flatMap(({ types, raw }, index) => {
    const tooShort = types.find((type) => raw !== 'all-ones' && raw.length !== 2 + 4 * WORDS[type])
    if (tooShort === undefined) return []
    return [{ path: ['sentinels', String(index), 'raw'], message: `${raw} is not as wide as ${tooShort}` }]
  })

const idleIdentities = (profile: MeterProfile): Inconsistency[] =>
  profile.identity.flatMap(({ kind, oneOf }, index) => {
    if ((kind === 'equals') === (oneOf !== undefined)) return []
    return [{ path: ['identity', String(index), 'oneOf'], message: 'expected for "equals" and only there' }]
  })
