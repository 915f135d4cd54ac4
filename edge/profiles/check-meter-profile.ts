import {
  identityWords,
  type MeterProfile,
  meterProfileShape,
  pointsOf,
  spanOf,
  WORDS,
} from './meter-profile.ts'

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
  ...wrongIdentities(profile),
  ...lostFactors(profile),
  ...unfitDefaults(profile),
]

const wrongUnits = (profile: MeterProfile): Inconsistency[] =>
  Object.entries(profile.points).flatMap(([name, { unit }]) => {
    const expected = name.startsWith('pf') ? '1' : UNIT_OF[name.charAt(0)]
    if (unit === expected) return []
    return [{ path: ['points', name, 'unit'], message: `expected ${expected}, found ${unit}` }]
  })

const overlaps = (profile: MeterProfile): Inconsistency[] => {
  const taken = new Map<string, string>()
  const spans = [
    ...pointsOf(profile).map((point) => ({ ...point, path: ['points', point.name, 'addr'] })),
    ...Object.entries(profile.scaleFactors ?? {}).map(([name, { addr }]) => ({
      addr,
      words: 1,
      functionCode: profile.functionCode,
      path: ['scaleFactors', name, 'addr'],
    })),
    ...profile.identity.flatMap((entry, index) => ({
      addr: entry.addr,
      words: entry.alone ? 0 : identityWords(entry),
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

const RAW = /^0x([0-9A-F]{4}){1,4}$/

const wrongIdentities = (profile: MeterProfile): Inconsistency[] =>
  profile.identity.flatMap((entry, index) => {
    const { kind, type, words, oneOf } = entry
    const at = (field: string) => ['identity', String(index), field]
    if ((kind === 'equals') !== (oneOf !== undefined))
      return [{ path: at('oneOf'), message: 'expected for "equals" and only there' }]
    if ((type === 'text') !== (words !== undefined))
      return [{ path: at('words'), message: 'expected for a text and only there' }]
    const wrong =
      type === 'text' ? undefined : oneOf?.find((raw) => !RAW.test(raw) || raw.length !== 2 + 4 * WORDS[type])
    return wrong === undefined
      ? []
      : [{ path: at('oneOf'), message: `${wrong} is not the raw words of a ${type}` }]
  })

const lostFactors = (profile: MeterProfile): Inconsistency[] => {
  const factors = Object.keys(profile.scaleFactors ?? {})
  const used = Object.entries(profile.points).flatMap(([name, { scaleFactor }]) =>
    scaleFactor === undefined ? [] : [{ name, scaleFactor }],
  )
  const tooFar = pointsOf(profile).filter((point) => spanOf(point).words > (profile.limits.maxRead ?? 60))
  return [
    ...used
      .filter(({ scaleFactor }) => !factors.includes(scaleFactor))
      .map(({ name, scaleFactor }) => ({
        path: ['points', name, 'scaleFactor'],
        message: `no ${scaleFactor} in scaleFactors`,
      })),
    ...factors
      .filter((factor) => !used.some(({ scaleFactor }) => scaleFactor === factor))
      .map((factor) => ({ path: ['scaleFactors', factor], message: 'belongs to no point' })),
    ...tooFar.map(({ name }) => ({
      path: ['points', name, 'addr'],
      message: 'more registers than a request may have, with its scale factor',
    })),
  ]
}

const unfitDefaults = ({ addressOffset, points }: MeterProfile): Inconsistency[] => [
  ...(addressOffset && !addressOffset.candidates.includes(addressOffset.default)
    ? [{ path: ['addressOffset', 'default'], message: 'is not among the candidates' }]
    : []),
  ...Object.entries(points).flatMap(([name, { scale, scaleCandidates }]) =>
    scaleCandidates && !scaleCandidates.includes(scale)
      ? [{ path: ['points', name, 'scaleCandidates'], message: `lack the scale ${scale}` }]
      : [],
  ),
]
