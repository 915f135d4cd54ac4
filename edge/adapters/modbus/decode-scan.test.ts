import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import { pointsOf, spanOf } from '../../profiles/meter-profile.ts'
import { decodeScan } from './decode-scan.ts'
import { planReads } from './plan-reads.ts'

interface Dump {
  readonly blocks: readonly { readonly functionCode: 3 | 4; readonly addr: number; readonly words: string }[]
  readonly values: Readonly<Record<string, number>>
}

const folder = 'firmware-profiles/meters'
const profiles = await loadMeterProfiles(folder)
const dumps = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.registers.json'),
)
const idOf = (file: string) => file.replace('.registers.json', '').replaceAll('/', '-')
const dumpOf = (id: string): Dump =>
  JSON.parse(readFileSync(`${folder}/${dumps.find((file) => idOf(file) === id)}`, 'utf8'))

const blocksOf = (dump: Dump) =>
  dump.blocks.map(({ words, ...block }) => {
    const list = words.split(' ').map((word) => Number.parseInt(word, 16))
    return { ...block, count: list.length, words: list }
  })

describe.each([...profiles.keys()])('%s', (id) => {
  const profile = profiles.get(id)
  if (!profile) throw new TypeError(id)

  test('its register dump decodes to exactly the values beside it', () => {
    const dump = dumpOf(id)
    expect(decodeScan(profile, blocksOf(dump))).toEqual(dump.values)
  })

  test('its requests stay within what the device accepts and match the dump', () => {
    const plan = planReads(pointsOf(profile).map(spanOf), profile.limits.maxRead ?? 60)
    expect(plan).toEqual(blocksOf(dumpOf(id)).map(({ words, ...block }) => block))
    for (const { count } of plan) expect(count).toBeLessThanOrEqual(profile.limits.maxRead ?? 60)
  })
})

/** Lowest and highest that a feeder's value can be, in its unit. */
const SENSIBLE: Readonly<Record<string, readonly [number, number]>> = {
  u: [200, 260],
  i: [0, 100],
  p: [-20_000, 20_000],
  pf: [-1, 1],
  f: [45, 65],
  e: [0, 1e12],
}

test('over all maps: no register belongs twice, units and signs hold, no request is more than the device takes', () => {
  for (const profile of profiles.values()) {
    const points = pointsOf(profile)
    const taken = points.flatMap(({ functionCode, addr, words }) =>
      Array.from({ length: words }, (_, offset) => `${functionCode}/${addr + offset}`),
    )
    expect(new Set(taken).size, profile.id).toBe(taken.length)
    const values = decodeScan(profile, blocksOf(dumpOf(profile.id)))
    for (const [name, value] of Object.entries(values)) {
      const [low = 0, high = 0] = SENSIBLE[name.split('_')[0] ?? ''] ?? []
      expect(value, `${profile.id} ${name}`).toBeGreaterThanOrEqual(low)
      expect(value, `${profile.id} ${name}`).toBeLessThanOrEqual(high)
    }
    if (values.p_l3 !== undefined) expect(Math.sign(values.p_l3), profile.id).toBe(-1)
    const limits = [profile.limits.maxRead ?? 60, ...Object.values(profile.limits.maxReadByModel ?? {})]
    for (const maxRead of limits)
      for (const { count } of planReads(points.map(spanOf), maxRead))
        expect(count, profile.id).toBeLessThanOrEqual(maxRead)
  }
})

test('all fifteen families and the SunSpec models of distributed sources are there', () => {
  expect([...profiles.keys()].sort()).toEqual([
    ...[
      'abb-b23',
      'carlo-gavazzi-em24',
      'carlo-gavazzi-em340',
      'eastron-sdm630',
      'janitza-umg',
      'lovato-dmg610',
    ],
    ...['schneider-iem3000', 'schneider-pm5000', 'shelly-pro-3em', 'siemens-pac', 'socomec-countis'],
    ...['sunspec-203', 'sunspec-213', 'sunspec-701', 'victron-gx-grid', 'wago-879'],
  ])
})

test('every register dump belongs to a profile', () => {
  expect(dumps.map(idOf).sort()).toEqual([...profiles.keys()].sort())
})

test('a point whose block was not read is absent', () => {
  const profile = profiles.get('janitza-umg')
  expect(profile && decodeScan(profile, [])).toEqual({})
})

test('a phase without voltage is unknown where the device writes 0 for what it lacks', () => {
  const profile = profiles.get('victron-gx-grid')
  const words = Array.from({ length: 33 }, () => 0)
  words.splice(0, 2, 2300, 50)
  const values = profile && decodeScan(profile, [{ functionCode: 3, addr: 2616, count: 33, words }])
  expect(values).toMatchObject({ u_l1: 230, i_l1: 5, p_l1: 0 })
  expect(Object.keys(values ?? {}).filter((name) => /^(u|i|p|pf)_(l2|l3|total)$/.test(name))).toEqual([
    'pf_total',
  ])
})
