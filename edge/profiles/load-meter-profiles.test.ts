import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { loadMeterProfiles } from './load-meter-profiles.ts'
import { pointsOf } from './meter-profile.ts'

let root: string
let folder: string
let good: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'meter-profiles-'))
  good = await readFile('firmware-profiles/meters/eastron/sdm630.json', 'utf8')
})
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'))
  await mkdir(join(folder, 'eastron'))
})
afterAll(() => rm(root, { recursive: true }))

const write = (file: string, text: string) => writeFile(join(folder, 'eastron', file), text)
const problemsOf = async () => {
  const error = await loadMeterProfiles(folder).then(() => undefined, String)
  return (error ?? '').replaceAll(folder, '')
}

test('a profile is found by its id', async () => {
  await write('sdm630.json', good)
  const profiles = await loadMeterProfiles(folder)
  expect(profiles.get('eastron-sdm630')?.vendor).toBe('Eastron')
  expect(profiles.get('eastron-sdm72')).toBeUndefined()
})

test('a register dump beside a profile is not taken for one', async () => {
  await write('sdm630.json', good)
  await write('sdm630.registers.json', '{}')
  expect((await loadMeterProfiles(folder)).size).toBe(1)
})

test('points come in address order with the defaults of the profile', async () => {
  await write('sdm630.json', good.replace('"addr": 70, "type"', '"functionCode": 3, "addr": 70, "type"'))
  const profile = (await loadMeterProfiles(folder)).get('eastron-sdm630')
  const points = profile ? pointsOf(profile) : []
  expect(points.slice(0, 2)).toMatchObject([
    { name: 'f', addr: 70, functionCode: 3, wordOrder: 'high-first', words: 2 },
    { name: 'u_l1', addr: 0, functionCode: 4, wordOrder: 'high-first', words: 2 },
  ])
})

test.each([
  [
    'an unknown field',
    '"verified":',
    '"colour": "red", "verified":',
    'whole file: Unrecognized key: "colour"',
  ],
  ['an unknown point', '"p_total":', '"p_all":', 'points: Unrecognized key: "p_all"'],
  ['a wrong unit', '"unit": "Hz"', '"unit": "A"', 'points.f.unit: expected Hz, found A'],
  [
    'a missing scale',
    '"scale": 1, "scaleCandidates"',
    '"scaleCandidates"',
    'points.f.scale: Invalid input: expected number',
  ],
  ['an address that is none', '"addr": 70,', '"addr": 65536,', 'points.f.addr: Too big'],
  [
    'a value past the last register',
    '"addr": 70,',
    '"addr": 65535,',
    'points.f.addr: runs past register 65535',
  ],
  [
    'two points on one register',
    '"addr": 70,',
    '"addr": 53,',
    'points.f.addr: register 53 already belongs to points.p_total.addr',
  ],
  [
    'a sum of a missing point',
    '"derived": {}',
    '"derived": { "e_imp": ["e_imp_t1", "e_exp"] }',
    'derived.e_imp: sums e_imp_t1, which is not a point',
  ],
  [
    'a sum that is a point too',
    '"derived": {}',
    '"derived": { "e_imp": ["f", "e_exp"] }',
    'derived.e_imp: is a point as well',
  ],
  [
    'a sentinel too narrow',
    '"sentinels": []',
    '"sentinels": [{ "types": ["u32"], "raw": "0xFFFF" }]',
    'sentinels.0.raw: 0xFFFF is not as wide as u32',
  ],
  [
    'an identity without its value',
    '"kind": "pin"',
    '"kind": "equals"',
    'identity.0.oneOf: expected for "equals"',
  ],
  [
    'a scale factor that is not there',
    '"unit": "Hz"',
    '"unit": "Hz", "scaleFactor": "Hz_SF"',
    'points.f.scaleFactor: no Hz_SF in scaleFactors',
  ],
  [
    'a scale factor for nothing',
    '"points": {',
    '"scaleFactors": { "A_SF": { "addr": 900 } }, "points": {',
    'scaleFactors.A_SF: belongs to no point',
  ],
  [
    'a default offset that is no candidate',
    '"limits": {',
    '"addressOffset": { "default": -1, "candidates": [0, 1] }, "limits": {',
    'addressOffset.default: is not among the candidates',
  ],
  [
    'a text without its length',
    '"addr": 64512, "type": "u32"',
    '"addr": 64512, "type": "text"',
    'identity.0.words: expected for a text and only there',
  ],
  [
    'an id that is not its place',
    '"id": "eastron-sdm630"',
    '"id": "eastron-sdm120"',
    'id: expected "eastron-sdm630" from its place, found "eastron-sdm120"',
  ],
  ['an incomplete file', '{\n', '', 'not JSON'],
])('%s is refused with file and field', async (_, from, to, problem) => {
  expect(good).toContain(from)
  await write('sdm630.json', good.replace(from, to))
  expect(await problemsOf()).toContain(`/eastron/sdm630.json: ${problem}`)
})

test('everything wrong is told at once', async () => {
  await write('sdm630.json', '[]')
  await write('sdm72.json', good)
  const problems = await problemsOf()
  expect(problems).toContain('/eastron/sdm630.json: whole file: Invalid input: expected object')
  expect(problems).toContain('/eastron/sdm72.json: id: expected "eastron-sdm72"')
})

test('a folder that is not there is named', async () => {
  await expect(loadMeterProfiles(join(folder, 'nowhere'))).rejects.toMatchObject({
    code: 'profiles.meter-invalid',
    message: expect.stringContaining('nowhere: expected a folder of meter profiles'),
  })
})
