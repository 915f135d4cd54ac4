import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadStationProfiles } from './load-station-profiles.ts'

const PLAIN = {
  evidence: { who: 'us', date: '2026-11-21', document: 'none', tier: 'bench' },
  protocols: ['ocpp1.6'],
  capabilities: {},
  quirks: [],
  settings: [],
  commissioning: [],
  fixture: null,
}
const STATION = { identity: 'A-01', vendor: 'Acme', model: 'Volt 22', firmware: null }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'profiles-'))
  await put('generic', { match: [] })
})
afterEach(() => rm(folder, { recursive: true }))

const put = (id: string, profile: object, name = id) =>
  writeFile(join(folder, `${name}.json`), JSON.stringify({ id, ...PLAIN, ...profile }))
const resolved = async (station: Partial<typeof STATION> | { firmware: string } = {}) =>
  (await loadStationProfiles(folder)).resolve({ ...STATION, ...station })
const problems = () =>
  loadStationProfiles(folder).then(
    () => 'none',
    (error: Error & { code?: string }) => `${error.code}: ${error.message.replaceAll(`${folder}/`, '')}`,
  )

describe('a station gets', () => {
  test('the generic profile when nobody has described it, with everything at its worst', async () => {
    const { profile, warnings } = await resolved()
    expect(profile).toMatchObject({
      id: 'generic',
      capabilities: {
        offline: 'unknown',
        startsAlone: true,
        settleS: 30,
        provenToObey: false,
        limitStepA: 1,
        minCurrentA: 6,
        minPowerW: 5000,
      },
    })
    expect(warnings).toEqual([])
  })

  test('the most specific profile that fits', async () => {
    await put('vendor', { match: [{ vendor: ' ACME ' }] })
    expect((await resolved()).profile.id).toBe('vendor')
    await put('family', { match: [{ vendor: 'acme', model: 'volt*' }] })
    expect((await resolved()).profile.id).toBe('family')
    await put('model', { match: [{ vendor: 'Acme', model: 'Volt 22' }] })
    expect((await resolved()).profile.id).toBe('model')
    await put('one', { match: [{ model: 'Else' }, { identity: '^a-0\\d$' }] })
    expect((await resolved()).profile.id).toBe('one')
    expect((await resolved({ identity: 'XA-01' })).profile.id).toBe('model')
  })

  test('the profile of its firmware; an unreadable one leaves the range out of account and says so', async () => {
    const firmware = { pattern: '::V(\\d+(?:\\.\\d+)*)' }
    const vendor = 'Acme'
    await put('old', { match: [{ vendor, firmware: { max: '1.8.21' } }], firmware })
    await put('new', { match: [{ vendor, firmware: { min: '1.8.22' } }], firmware })
    expect((await resolved({ firmware: 'TAC3::V1.8.21' })).profile.id).toBe('old')
    expect((await resolved({ firmware: 'TAC3::V1.10' })).profile.id).toBe('new')
    expect((await resolved({ firmware: 'beta' })).warnings).toEqual([
      'firmware "beta" does not show a version',
    ])
  })

  test('a word about a firmware that is too old or known to be faulty', async () => {
    await put('acme', {
      match: [{ vendor: 'Acme' }],
      firmware: { pattern: '(.+)', min: '2.0', bad: ['2.1'], advice: 'update' },
    })
    expect((await resolved({ firmware: '1.9' })).warnings).toEqual(['firmware 1.9 is older than 2.0; update'])
    expect((await resolved({ firmware: '2.1.0' })).warnings).toEqual([
      'firmware 2.1.0 is known to be faulty; update',
    ])
    expect((await resolved({ firmware: '2.2' })).warnings).toEqual([])
  })
})

describe('a folder is refused, with file and field, when', () => {
  test.each<[string, string, object, string]>([
    [
      'a field is unknown',
      'x',
      { match: [{ vendor: 'a' }], colour: 'red' },
      'x.json: whole file: Unrecognized key: "colour"',
    ],
    [
      'a quirk is unknown',
      'x',
      {
        match: [{ vendor: 'a' }],
        quirks: [
          {
            key: 'profile.colour',
            value: 1,
            reason: 'r',
            sources: ['https://example.com'],
            confidence: 'high',
          },
        ],
      },
      'x.json: quirks.0.key: expected a key of QUIRKS.md',
    ],
    [
      'a quirk has no source',
      'x',
      {
        match: [{ vendor: 'a' }],
        quirks: [{ key: 'profile.unit', value: 'A', reason: 'r', sources: [], confidence: 'high' }],
      },
      'x.json: quirks.0.sources: Too small',
    ],
    [
      'a capability is unknown',
      'x',
      { match: [{ vendor: 'a' }], capabilities: { colour: 1 } },
      'x.json: capabilities: Unrecognized key: "colour"',
    ],
    [
      'a version is none',
      'x',
      { match: [{ firmware: { min: 'new' } }] },
      'x.json: match.0.firmware.min: expected dotted numbers',
    ],
    [
      'a pattern is none',
      'x',
      { match: [{ vendor: 'a' }], firmware: { pattern: '(' } },
      'x.json: firmware.pattern: expected a regular expression',
    ],
    [
      'a pattern has no group',
      'x',
      { match: [{ vendor: 'a' }], firmware: { pattern: '1' } },
      'x.json: firmware.pattern: expected exactly one group',
    ],
    [
      'an identity is not anchored',
      'x',
      { match: [{ identity: 'A' }] },
      'x.json: match.0.identity: expected an anchored pattern',
    ],
    ['it matches nothing', 'x', { match: [] }, 'x.json: match: expected at least one'],
    ['it matches everything', 'x', { match: [{}] }, 'x.json: match: expected at least one'],
    [
      'its id is not its name',
      'y',
      { match: [{ vendor: 'a' }] },
      'x.json: id: expected "x" from its name, found "y"',
    ],
  ])('%s', async (_what, id, profile, expected) => {
    await put(id, profile, 'x')
    expect(await problems()).toContain(`profiles.station-invalid: ${expected}`)
  })

  test('a file is not JSON', async () => {
    await writeFile(join(folder, 'x.json'), '{')
    expect(await problems()).toContain('profiles.station-invalid: x.json: not JSON')
  })

  test('there is no generic profile, or no folder', async () => {
    await rm(join(folder, 'generic.json'))
    expect(await problems()).toContain('expected generic.json, for unknown models')
    await expect(loadStationProfiles(join(folder, 'none'))).rejects.toThrow(
      'expected a folder of station profiles',
    )
  })

  test('two profiles claim the same stations', async () => {
    await put('a', { match: [{ vendor: 'Acme', firmware: { max: '2' } }] })
    await put('b', { match: [{ vendor: 'acme', firmware: { min: '2' } }] })
    expect(await problems()).toContain(
      'a.json, b.json: match: both claim {"vendor":"Acme","firmware":{"max":"2"}}',
    )
  })
})
