import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { expect, test } from 'vitest'

/** Numbers of the conformance cases that a central system can have, OCPP 1.6. */
const CASES = `
  001 003 004_1 004_2 005_1 007 010 011_1 011_2 012 013 014 017_1 017_2 018_1 019_1 019_2 021 023_1 023_2 023_3 024 026
  028 030 031 032_1 037_1 037_3 039 040_1 040_2 042_1 042_2 043_1 043_3 043_4 043_5 044_1 044_2 044_3 045_1 045_2 046 047
  048_1 048_2 048_3 048_4 049 051 052 053 054 055 056 057 059 061 064 066 067 073 074 075_1 075_2 076 077 078 079 080 081
  083 085 086 087 088`
  .trim()
  .split(/\s+/)
  .map((number) => `TC_${number}`)

/** Cases that no test names yet, and why. */
const OPEN = new Map<string, string>()

test('every conformance case of OCPP 1.6 is named by a test, or open with a reason', async () => {
  const named = new Set<string>()
  for await (const file of glob('{adapters/ocpp,control,domain,scenarios}/**/*.ts', {
    cwd: new URL('..', import.meta.url),
  })) {
    if (file.endsWith('octt16-covered.test.ts')) continue
    const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
    // A comment in a table counts as well: the row below it is the test.
    for (const [id, to] of rangesIn(text)) for (const each of between(id, to)) named.add(each)
  }
  expect(CASES.filter((id) => !named.has(id) && !OPEN.has(id))).toEqual([])
  expect([...OPEN.keys()].filter((id) => named.has(id))).toEqual([])
})

/** `TC_048_1 to TC_048_4` names the four. */
function rangesIn(text: string): (readonly [string, string])[] {
  return [...text.matchAll(/(TC_\d{3}(?:_\d)?)(?: to (TC_\d{3}(?:_\d)?))?(?!\w)/g)].map(
    ([, id = '', to = id]) => [id, to],
  )
}

const between = (id: string, to: string): readonly string[] => {
  const [from, last] = [id, to].map((each) => CASES.indexOf(each))
  return from === undefined || from < 0 || last === undefined
    ? [id]
    : CASES.slice(from, Math.max(from, last) + 1)
}
