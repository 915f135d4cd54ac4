import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { loadStationProfiles } from './load-station-profiles.ts'
import { isQuirkKey } from './quirk-values.ts'
import type { StationProfile } from './station-profiles.ts'

const Report = z.strictObject({
  makes: z.string().min(1),
  protocol: z.string().min(1),
  subject: z.string().min(1),
  confidence: z.enum(['high', 'medium', 'low']),
  about: z.string().min(20),
  covered: z.union([
    z.strictObject({ profiles: z.array(z.string()).min(1), by: z.array(z.string()).min(1) }),
    z.strictObject({ rule: z.string().min(20) }),
    z.strictObject({ notApplicable: z.string().min(20) }),
  ]),
  sources: z.array(z.url()).min(1),
})
const text = readFileSync('firmware-profiles/quirk-catalogue.json', 'utf8')
const { reports } = z.strictObject({ reports: z.array(Report) }).parse(JSON.parse(text))

let profiles: ReadonlyMap<string, StationProfile>
beforeAll(async () => {
  profiles = new Map((await loadStationProfiles()).all.map((profile) => [profile.id, profile]))
})

const named = (id: string): StationProfile['file'] => {
  const found = profiles.get(id)
  if (found === undefined) throw new RangeError(`no profile ${id}`)
  return found.file
}

test('all 147 reports of the field are accounted for, none of them twice', () => {
  expect(reports).toHaveLength(147)
  expect(new Set(reports.map(({ makes, about }) => `${makes}: ${about}`)).size).toBe(147)
})

describe.each(reports)('$makes: $about', ({ covered, sources, confidence }) => {
  test('is told by a profile, kept by a rule for every station, or not applicable for a reason', () => {
    if (!('profiles' in covered)) return expect(Object.values(covered)).toHaveLength(1)
    for (const id of covered.profiles)
      for (const by of covered.by) expect(`${id}: ${tells(named(id), by, sources)}`).toBe(`${id}: true`)
  })

  test('is believed no more by its profile than the report is', () => {
    if (!('profiles' in covered)) return
    const rank = { low: 0, medium: 1, high: 2 }
    for (const id of covered.profiles)
      for (const quirk of named(id).quirks)
        if (covered.by.includes(quirk.key) && quirk.sources.every((source) => sources.includes(source)))
          expect(rank[quirk.confidence]).toBeLessThanOrEqual(rank[confidence])
  })
})

/** Whether a profile says what a report is covered by, with the report as its source. */
function tells(file: StationProfile['file'], by: string, sources: readonly string[]): boolean {
  const [kind = '', name = ''] = by.split(' ')
  if (isQuirkKey(kind))
    return file.quirks.some(
      (quirk) => quirk.key === kind && sources.every((one) => quirk.sources.includes(one)),
    )
  if (kind === 'capability') return name in file.capabilities
  if (kind === 'firmware') return file.firmware !== undefined
  if (kind === 'protocols') return file.protocols.length < 3
  if (kind === 'match') return file.match.length > 1
  return (kind === 'commissioning' || kind === 'settings') && file[kind].length > 0
}

test('every profile of a maker comes from a report, and so does each of its quirks', () => {
  const ours = /^(generic|busbar-)/
  const told = reports.flatMap(({ covered }) => ('profiles' in covered ? covered.profiles : []))
  const known = new Set(reports.flatMap(({ sources }) => sources))
  for (const [id, { file }] of profiles) {
    if (ours.test(id)) continue
    expect(told).toContain(id)
    expect(file.evidence.tier).toBe('reported')
    for (const { sources } of file.quirks) for (const source of sources) expect(known).toContain(source)
  }
})

test('a station that says what a profile is matched by gets that profile', async () => {
  const { all, resolve } = await loadStationProfiles()
  for (const { id, file } of all)
    for (const { vendor = '', model = '' } of file.match) {
      const found = resolve({ identity: 'X', vendor, model: model.replace('*', ''), firmware: null })
      expect(found.profile.id).toBe(id)
    }
})
