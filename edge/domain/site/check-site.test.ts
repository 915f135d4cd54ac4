import { as, type CircuitId, type MeterId } from '@busbar/model/ids.ts'
import { watts } from '@busbar/units/electricity.ts'
import { seconds } from '@busbar/units/time.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkSite } from './check-site.ts'
import { exampleCircuit, exampleEvse, exampleSite } from './example-site.ts'
import { upstream } from './feeding.ts'
import type { Circuit, Site } from './site.ts'

const grid = exampleCircuit('grid', { ratingA: 100, otherA: 40, meter: 'm' })
const feeder = exampleCircuit('feeder', { parent: 'grid', ratingA: 32 })
const three = ['A', 'B', 'C'].map((id) => exampleEvse(id, 'feeder', { fallbackA: 10 }))
const found = (site: Site) => checkSite(site).map(({ subject, reason }) => `${subject}: ${reason}`)

describe('a site', () => {
  test('whose fallbacks fit beside the worst other loads may be run', () => {
    expect(found(exampleSite([grid, feeder], three))).toEqual([])
  })

  test.each<[string, Site, readonly string[]]>([
    [
      'F45 is refused when a circuit feeds itself',
      exampleSite([exampleCircuit('a', { parent: 'b' }), exampleCircuit('b', { parent: 'a' })], []),
      ['circuit a: it feeds itself through its parents', 'circuit b: it feeds itself through its parents'],
    ],
    [
      'F45 is refused when a circuit hangs from none that exists, and only that one is named',
      exampleSite(
        [grid, exampleCircuit('orphan', { parent: 'gone' }), exampleCircuit('leaf', { parent: 'orphan' })],
        [],
      ),
      ['circuit orphan: its parent "gone" does not exist'],
    ],
    [
      'is refused when an EVSE hangs from no circuit',
      exampleSite([grid], [exampleEvse('A', 'gone')]),
      ['EVSE A/1: its circuit "gone" does not exist'],
    ],
    [
      'is refused when an EVSE names a conductor twice or none',
      exampleSite(
        [grid],
        [exampleEvse('A', 'grid', { phases: ['l1', 'l1'] }), exampleEvse('B', 'grid', { phases: [] })],
      ),
      [
        'EVSE A/1: its phases [l1, l1] must name each site conductor at most once',
        'EVSE B/1: its phases [] must name each site conductor at most once',
      ],
    ],
    [
      'is refused when a fallback is above the rating',
      exampleSite([grid], [exampleEvse('A', 'grid', { ratingA: 16, fallbackA: 20 })]),
      ['EVSE A/1: its fallback 20 is above its rating 16'],
    ],
    [
      'is refused when a rating is in the wrong unit',
      exampleSite([grid], [{ ...exampleEvse('A', 'grid'), rating: { limit_w: watts(22_000) } }]),
      ['EVSE A/1: its rating and fallback must be in A'],
    ],
    [
      'is refused when a meter measures no circuit that exists',
      {
        ...exampleSite([exampleCircuit('grid')], []),
        meters: new Map([
          [
            as<MeterId>('m'),
            {
              id: as<MeterId>('m'),
              name: 'M',
              role: 'grid',
              circuit: as<CircuitId>('gone'),
              poll: seconds(1),
            },
          ],
        ]),
      },
      ['meter m: its circuit "gone" does not exist'],
    ],
    [
      'is refused when the meter of a circuit does not measure it',
      { ...exampleSite([grid], []), meters: new Map() },
      ['circuit grid: its meter "m" does not measure it'],
    ],
  ])('%s', (_sentence, site, faults) => {
    expect(found(site)).toEqual(faults)
  })

  test('F45 of any parents is refused exactly when some circuit does not reach a root', () => {
    const names = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5']
    const parents = fc.array(fc.option(fc.constantFrom(...names, 'gone'), { nil: null }), {
      minLength: 6,
      maxLength: 6,
    })
    let refused = 0
    fc.assert(
      fc.property(parents, (chosen) => {
        const circuits = names.map((id, index) => {
          const parent = chosen[index] ?? null
          return parent === null ? exampleCircuit(id) : exampleCircuit(id, { parent })
        })
        const reachesRoot = (id: string, seen: readonly string[] = []): boolean => {
          const parent = chosen[names.indexOf(id)]
          if (parent === null || parent === undefined) return true
          return parent !== 'gone' && !seen.includes(parent) && reachesRoot(parent, [...seen, id])
        }
        const site = exampleSite(circuits, [])
        const sound = names.every((id) => reachesRoot(id))
        if (!sound) refused++
        expect(checkSite(site).length === 0).toBe(sound)
        for (const id of names)
          expect(upstream(site, as<CircuitId>(id)).length).toBeLessThanOrEqual(names.length)
      }),
      { seed: 20261125, numRuns: 500 },
    )
    expect(refused).toBeGreaterThan(100)
    expect(refused).toBeLessThan(499)
  })

  test('F45 of any feeds is refused exactly when some way up never ends, ends nowhere, or misses part of the current', () => {
    const names = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5']
    const feed = fc.record({
      circuit: fc.constantFrom(...names, ...names, 'gone'),
      share: fc.integer({ min: 2, max: 10 }),
    })
    const feeds = fc.array(fc.uniqueArray(feed, { maxLength: 2, selector: ({ circuit }) => circuit }), {
      minLength: 6,
      maxLength: 6,
    })
    let [refused, twice] = [0, 0]
    fc.assert(
      fc.property(feeds, fc.boolean(), (dealt, downwards) => {
        // Half of the sites have feeds to lower numbers alone, so that they have no loops.
        const chosen = dealt.map((own, index) =>
          downwards ? own.filter(({ circuit }) => circuit === 'gone' || circuit < `c${index}`) : own,
        )
        const ends = (id: string, seen: readonly string[] = []): boolean =>
          (chosen[names.indexOf(id)] ?? []).every(
            ({ circuit }) =>
              circuit !== 'gone' && !seen.includes(circuit) && circuit !== id && ends(circuit, [...seen, id]),
          )
        const whole = chosen.every(
          (own) => own.length === 0 || own.reduce((sum, { share }) => sum + share, 0) >= 10,
        )
        const circuits = names.map((id, index): Circuit => {
          const own = (chosen[index] ?? []).map(({ circuit, share }) => ({
            circuit: as<CircuitId>(circuit),
            share: share / 10,
          }))
          const [first] = own
          return first === undefined
            ? exampleCircuit(id)
            : { ...exampleCircuit(id, { parent: first.circuit }), feeds: own }
        })
        const site = exampleSite(circuits, [])
        const sound = names.every((id) => ends(id)) && whole
        if (!sound) refused++
        else if (chosen.some((own) => own.length === 2)) twice++
        expect(checkSite(site).length === 0).toBe(sound)
        for (const id of names) {
          const above = upstream(site, as<CircuitId>(id)).map((circuit) => circuit.id)
          expect(new Set(above).size).toBe(above.length)
        }
      }),
      { seed: 20261204, numRuns: 2000 },
    )
    expect(refused).toBeGreaterThan(500)
    expect(twice).toBeGreaterThan(20)
  })
})
