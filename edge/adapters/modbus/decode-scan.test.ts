import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import { pointsOf } from '../../profiles/meter-profile.ts'
import { decodeScan } from './decode-scan.ts'
import { planReads } from './plan-reads.ts'

interface Dump {
  readonly blocks: readonly { readonly functionCode: 3 | 4; readonly addr: number; readonly words: string }[]
  readonly values: Readonly<Record<string, number>>
}

const folder = 'firmware-profiles/meters'
const profiles = await loadMeterProfiles(folder)
const dumpOf = (id: string): Dump =>
  JSON.parse(readFileSync(`${folder}/${id.replace('-', '/')}.registers.json`, 'utf8'))

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
    const plan = planReads(pointsOf(profile), profile.limits.maxRead ?? 60)
    expect(plan).toEqual(blocksOf(dumpOf(id)).map(({ words, ...block }) => block))
    for (const { count } of plan) expect(count).toBeLessThanOrEqual(profile.limits.maxRead ?? 60)
  })
})

test('every register dump belongs to a profile', () => {
  const dumps = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.registers.json'),
  )
  expect(dumps.map((file) => file.replace('.registers.json', '').replace('/', '-')).sort()).toEqual([
    ...profiles.keys(),
  ])
})

test('a point whose block was not read is absent', () => {
  const profile = profiles.get('janitza-umg')
  expect(profile && decodeScan(profile, [])).toEqual({})
})
