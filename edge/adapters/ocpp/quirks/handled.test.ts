import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadStationProfiles } from '../../../profiles/load-station-profiles.ts'
import { QUIRK_KEYS } from '../../../profiles/quirk-values.ts'
import { HANDLED } from './handled.ts'

const folder = 'edge/scenarios/quirks'
const scenarios = readdirSync(folder)
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => readFileSync(`${folder}/${file}`, 'utf8'))
  .join('\n')

describe.each(QUIRK_KEYS)('%s', (key) => {
  test('is handled, and says how', () => {
    expect(HANDLED[key]?.how ?? '').toMatch(/^[A-Z].*\.$/)
  })

  test('is shown by a simulated station that misbehaves so', () => {
    expect(scenarios).toContain(`'${key}'`)
  })
})

test('no profile that comes with the product says what nobody handles', async () => {
  const { all } = await loadStationProfiles()
  const said = all.flatMap(({ file }) => file.quirks.map(({ key }) => key))
  expect(said.filter((key) => !(key in HANDLED))).toEqual([])
})
