import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { expect, test } from 'vitest'

/** Numbers of the conformance cases of a CSMS, OCPP 2.0.1, by functional block. */
const BLOCKS: Readonly<Record<string, string>> = {
  A: '01 02 03 04 06 07 08 09 10 11 12 13 14 19',
  B: '01 02 06 07 08 09 10 12 13 14 18 20 21 22 25 26 27 30 31 42 44 58',
  C: '02 06 07 08 20 37 38 39 40 43 47 48 49 50 51 52',
  D: '01 02 03 04 08 09',
  E: '01 02 03 04 07 08 09 10 11 12 14 15 16 17 19 20 21 22 26 29 30 31 33 34 38 39 53',
  F: '01 02 03 04 06 11 12 13 14 15 18 20 23 24 27',
  G: '03 04 05 06 07 08 11 14 17 20',
  H: '01 07 08 14 15 17 19 20 22',
  I: '01 02',
  J: '01 02 03 04 07 08 09 10 11',
  K: `01 02 03 04 05 06 08 10 15 19 29 30 31 32 33 34 35 36 37 43 44 48 50 51 52 53 55 57 58 59 60 70`,
  L: '01 02 03 04 05 06 07 08 09 10 11 13 17 19 20 21 22 23 24',
  M: '01 02 03 04 05 12 13 14 15 16 17 18 19 20 21 24 26 28',
  N: `01 02 03 05 08 09 16 17 18 21 24 25 27 28 29 30 31 32 34 35 36 44 46 47 48 49 50 60 62 63`,
  O: '01 02 03 04 05 06 07 08 09 10 11 12 13 14 17 18 19 25 26 27 28',
  P: '02 03',
}
const CASES = Object.entries(BLOCKS).flatMap(([block, numbers]) =>
  numbers.split(/\s+/).map((number) => `TC_${block}_${number}`),
)

/** Cases that no test names yet, and why. */
const OPEN = new Map([
  ['TC_A_12', 'certificates for vehicles come from another authority; the depot signs for connections alone'],
  ['TC_A_13', 'as TC_A_12'],
  ['TC_I_02', 'the depot bills nobody, so it knows no total cost of a transaction'],
  ['TC_K_55', "a vehicle's own plan is kept and not held against the limit, which the station enforces"],
])

test('every conformance case of OCPP 2.0.1 is named by a test, or open with a reason', async () => {
  const named = new Set<string>()
  for await (const file of glob('{adapters,control,domain,scenarios}/**/*.ts', {
    cwd: new URL('..', import.meta.url),
  })) {
    if (file.endsWith('-covered.test.ts')) continue
    const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
    for (const [, id = ''] of text.matchAll(/(TC_[A-P]_\d\d)(?!\d)/g)) named.add(id)
  }
  expect(CASES.filter((id) => !named.has(id) && !OPEN.has(id))).toEqual([])
  expect([...OPEN.keys()].filter((id) => named.has(id))).toEqual([])
})

test('no test names a case that there is not', async () => {
  const known = new Set(CASES)
  const odd = new Set<string>()
  for await (const file of glob('{adapters,control,domain,scenarios}/**/*.ts', {
    cwd: new URL('..', import.meta.url),
  })) {
    const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
    for (const [, id = ''] of text.matchAll(/(TC_[A-P]_\d\d)(?!\d)/g))
      if (!known.has(id)) odd.add(`${file} ${id}`)
  }
  expect([...odd]).toEqual([])
})
