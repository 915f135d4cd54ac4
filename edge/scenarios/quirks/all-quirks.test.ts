import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { quirkProblem } from '../../simulators/station/quirks/quirk-set.ts'

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8')
/** The page of what is supported is made from the code and has a row for each. */
const keys = [...read('../../adapters/ocpp/SUPPORT.md').matchAll(/^\| `([a-z-]+\.[a-z-]+)` \|/gm)].map(
  ([, key]) => key ?? '',
)
const tests = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.test.ts') && file !== 'all-quirks.test.ts')
  .map(read)
  .join('\n')

test('there are quirks', () => {
  expect(keys.length).toBeGreaterThan(70)
})

describe.each(keys)('%s', (key) => {
  test('a simulated station can be given it', () => {
    expect(quirkProblem(key, undefined)).not.toContain('can be given')
  })

  test('a test here is about it', () => {
    expect(tests).toContain(key)
  })
})
