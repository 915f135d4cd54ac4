import { as, type CircuitId, type MeterId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps, percent, volts, watts } from '@busbar/units/electricity.ts'
import { type PerPhase, perPhase, sumPhases } from '@busbar/units/per-phase.ts'
import { seconds } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../domain/site/example-site.ts'
import type { AgreedLimit, Circuit, Site } from '../domain/site/site.ts'
import { Stage } from './testing/stage.ts'

const even = (a: number): PerPhase<number> => perPhase(() => a)
const roof = (id: string, kw: number): Circuit => ({
  ...exampleCircuit(id, { parent: 'grid', ratingA: 60, meter: `${id}-meter` }),
  source: { kind: 'pv', ratingW: watts(kw * 1000), firmAbovePct: null },
})
const battery: Circuit = {
  ...roof('battery', 30),
  source: { kind: 'battery', ratingW: watts(30_000), firmAbovePct: percent(20) },
}
const grid: Circuit = {
  ...exampleCircuit('grid', {
    ratingA: 100,
    limitW: 60_000,
    otherA: 70,
    otherW: 45_000,
    meter: 'grid-meter',
  }),
  neutral: { ratingA: amps(100), thirdHarmonic: 0.2 },
  unbalanceA: amps(30),
}
const atGrid = (limit: Omit<AgreedLimit, 'circuit'>): AgreedLimit => ({
  ...limit,
  circuit: as<CircuitId>('grid'),
})
const site = (...sources: readonly Circuit[]): Site => ({
  ...exampleSite([grid, ...sources], [exampleEvse('A', 'grid')]),
  limits: [
    atGrid({ origin: 'grid-operator', direction: 'export', limit: { limit_w: watts(5000) } }),
    atGrid({ origin: 'contract', direction: 'import', limit: { limit_w: watts(50_000) } }),
  ],
})

interface Reading {
  /** A per conductor, given out below 0. */
  readonly a: PerPhase<number>
  readonly socPct?: number
}

/** A depot that has heard these readings for some seconds, and what each row counts as no EVSE's then. */
async function bases(of: Site, readings: Readonly<Record<string, Reading>>, beats = 12) {
  const stage = new Stage({ clock: new FakeClock(), site: of })
  await stage.start()
  for (let beat = 0; beat < beats; beat++) {
    stage.clock.advance(seconds(1))
    for (const [meter, { a, socPct }] of Object.entries(readings))
      stage.control.submit({
        type: 'meter-reading',
        meter: as<MeterId>(meter),
        measuredAt: stage.clock.now(),
        measuredAtMonotonic: stage.clock.monotonic(),
        voltageV: perPhase(() => volts(230)),
        frequencyHz: 50 + (beat % 7) / 100,
        currentA: perPhase((phase) => amps(Math.abs(a[phase]))),
        phasePowerW: perPhase((phase) => watts(a[phase] * 230)),
        powerW: watts(sumPhases(a) * 230),
        ...(socPct === undefined ? {} : { socPct: percent(socPct) }),
      })
    await stage.settle()
  }
  const { rows } = stage.control.decision().snapshot
  return (id: string) => (rows.find((row) => row.id === id)?.base ?? Number.NaN) / 1000
}

describe('what is no EVSE counts on a circuit that a roof feeds', () => {
  test('with all that the roof gives just now, for a cloud may take it', async () => {
    const base = await bases(site(roof('pv', 30)), {
      'grid-meter': { a: even(10) },
      'pv-meter': { a: even(-30) },
    })
    expect([base('grid/l1'), base('grid/bus-l1')]).toEqual([40, 40])
    expect(base('grid/power')).toBeCloseTo(40 * 0.69, 3)
  })

  test('of two with the one that gives more; on the bus with both, which the breaker does not see', async () => {
    const base = await bases(site(roof('pv', 30), roof('shed', 30)), {
      'grid-meter': { a: even(10) },
      'pv-meter': { a: even(-30) },
      'shed-meter': { a: even(-20) },
    })
    expect([base('grid/l2'), base('grid/bus-l2')]).toEqual([40, 60])
  })

  test('as the loads alone while the site gives out more than it takes', async () => {
    const base = await bases(
      site(roof('pv', 30)),
      {
        'grid-meter': { a: even(-20) },
        'pv-meter': { a: even(-35) },
      },
      50,
    )
    expect([base('grid/l3'), base('grid/bus-l3')]).toEqual([15, 15])
  })

  test('never as room where the meter says more is given out than sources give: it may be wired the wrong way round', async () => {
    const base = await bases(site(roof('pv', 30)), {
      'grid-meter': { a: even(-20) },
      'pv-meter': { a: even(-5) },
    })
    expect(base('grid/l3')).toBe(25)
  })

  test('with all it can give while its meter is silent', async () => {
    const base = await bases(site(roof('pv', 30)), { 'grid-meter': { a: even(10) } })
    const most = Math.min(60, 30_000 / 230)
    expect([base('grid/l1'), base('grid/bus-l1')]).toEqual([10 + most, 10 + most])
  })

  test('without any credit once the circuit itself is not measured', async () => {
    const base = await bases(site(roof('pv', 30)), { 'pv-meter': { a: even(-30) } })
    expect(base('grid/l1')).toBe(70)
  })
})

describe('a battery', () => {
  const giving = (socPct: number | null) => ({
    'grid-meter': { a: even(10) },
    'battery-meter': { a: even(-25), ...(socPct === null ? {} : { socPct }) },
  })

  test.each([
    ['online with charge to spare', 55, 10],
    ['at its reserve', 20, 35],
    ['that does not tell its charge', null, 35],
  ])(
    '%s makes the site count its output only where it may drop out (%s %%, %s A)',
    async (_what, soc, counted) => {
      expect((await bases(site(battery), giving(soc)))('grid/l1')).toBe(counted)
    },
  )

  test('feeds the bus whatever its charge', async () => {
    expect((await bases(site(battery), giving(55)))('grid/bus-l1')).toBe(35)
  })
})

describe('agreed limits count what is expected', () => {
  test('without what sources keep free, and export the other way round', async () => {
    const base = await bases(site(roof('pv', 30)), {
      'grid-meter': { a: even(10) },
      'pv-meter': { a: even(-30) },
    })
    expect(base('grid/agreed')).toBeCloseTo(6.9, 3)
    expect(base('grid/export')).toBeCloseTo(-6.9, 3)
  })

  test('of an unbalance as one conductor less the other', async () => {
    const base = await bases(site(), { 'grid-meter': { a: { l1: 30, l2: 12, l3: 20 } } })
    expect([base('grid/l1-l2'), base('grid/l2-l1'), base('grid/l3-l2')]).toEqual([18, -18, 8])
  })

  test('of a neutral as the largest conductor with the third harmonics of all', async () => {
    const base = await bases(site(), { 'grid-meter': { a: { l1: 30, l2: 12, l3: 20 } } })
    expect(base('grid/neutral')).toBeCloseTo(Math.hypot(30, 0.2 * 62), 2)
  })
})
