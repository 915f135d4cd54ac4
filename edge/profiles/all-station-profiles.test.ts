import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { loadStationProfiles } from './load-station-profiles.ts'
import { QUIRK_KEYS } from './quirk-values.ts'
import { capabilitiesSchema, stationProfileSchema } from './station-profile.ts'

const folder = 'firmware-profiles/charging-stations'
const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
const parse = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))
const words = readFileSync('firmware-profiles/QUIRKS.md', 'utf8')
const schema = JSON.parse(JSON.stringify(z.toJSONSchema(stationProfileSchema, { io: 'input' })))

test('the published schema is the one profiles are read by', () => {
  expect(parse('firmware-profiles/schema/station-profile.schema.json')).toEqual(schema)
})

test('every profile loads, and no two claim the same station', async () => {
  expect((await loadStationProfiles()).all).toHaveLength(files.length)
})

test('every capability and quirk has its word in QUIRKS.md', () => {
  for (const key of [
    ...Object.keys(capabilitiesSchema.shape),
    ...QUIRK_KEYS.map((quirk) => quirk.split('.')[1]),
  ])
    expect(words, key).toContain(`\`${key}\``)
})

describe.each(files)('%s', (file) => {
  const profile = stationProfileSchema.parse(parse(`${folder}/${file}`))

  test('has its fields in the order of the schema', () => {
    const order = Object.keys(schema.properties)
    const keys = Object.keys(parse(`${folder}/${file}`) as object)
    expect(keys).toEqual(order.filter((key) => keys.includes(key)))
  })

  test('names the schema it is written by', () => {
    expect(profile.$schema).toBe('../schema/station-profile.schema.json')
  })

  test('loosens no safety rule on hearsay', () => {
    const loosened =
      profile.capabilities['proven-to-obey'] === true ||
      ['fallback', 'zero'].includes(profile.capabilities.offline ?? 'unknown')
    expect(loosened && profile.evidence.tier === 'reported').toBe(false)
    for (const { confidence, key } of profile.quirks)
      expect(confidence === 'low' ? key : '').not.toMatch(/^profile\./)
  })
})
