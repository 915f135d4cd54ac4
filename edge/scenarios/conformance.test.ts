import type { ConformancePreview, ConformanceView } from '@busbar/contracts/lan-api/conformance.ts'
import { as, evseKey, type StationId } from '@busbar/model/ids.ts'
import { later, minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { limitDoubts } from '../domain/charging/limit-doubt.ts'
import type { StationQuirks } from '../simulators/station/quirks/quirk-set.ts'
import type { DepotOf } from './depot-of.ts'
import { FeederWatch } from './feeder-watch.ts'
import { heldA, incidentCodes, offered } from './four-on-a-feeder.ts'
import { TestDepot } from './test-depot.ts'

let test: TestDepot
let feeder: FeederWatch
afterEach(() => test.stop())

/** Two stations of 32 A on a feeder, the site's meter above it, and a vehicle at A. */
async function start(more: Partial<DepotOf> = {}, ratingA = 100): Promise<void> {
  test = await TestDepot.start({
    gridA: 250,
    otherA: 60,
    feeders: [{ id: 'f1', ratingA }],
    stations: ['A', 'B'].map((id) => ({ id, feeder: 'f1' })),
    vehicles: ['v1', 'v2'],
    losesFrames: true,
    ...more,
  })
  await test.until('every station is reconciled', () => test.edge.control.depot.ready, minutes(2))
  test.plugIn('A', 'v1')
  await test.pass(minutes(2))
  feeder = new FeederWatch(test, 'f1', ratingA)
}

const path = (rest = '') => `${test.edge.httpAddress}/api/v1/stations/A/conformance${rest}`
const view = async (): Promise<ConformanceView> => (await (await fetch(path())).json()) as ConformanceView
async function post<T>(rest: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  return (await (
    await fetch(path(rest), { method: 'POST', headers, body: JSON.stringify(body) })
  ).json()) as T
}
const begin = (body: object = {}) =>
  post<{ status: string; reason: string | null }>('', { vehicle_charges: true, ...body })
const underWay = () => test.edge.control.depot.conformance.now
const step = () => underWay()?.current ?? null
const over = () => test.until('the run is over', () => underWay() === null, minutes(40))
const evse = async () => (await view()).evses[0]
const doubts = () => test.edge.control.depot.memory.table(limitDoubts).get('A/1') ?? []
describe('a conformance run at a sound station', () => {
  it('measures all of it by the meter, tells its progress, and leaves the station as it found it', async () => {
    await start()
    const preview = await post<ConformancePreview>('/preview', { vehicle_charges: true })
    expect(preview).toMatchObject({ refused: null, counts_at_a: 32, meter: 'grid-meter' })
    expect(preview.steps).toHaveLength(12)
    expect(await begin()).toMatchObject({ status: 'accepted', reason: null })
    await test.until('it sets limits', () => step() === 'levels', minutes(5))
    expect(heldA(test, 'A')).toBe(32)
    expect(test.live().conformance).toMatchObject({ station: 'A', step: 'levels', done: 2, steps_total: 12 })
    expect((await view()).run).toMatchObject({ step: 'levels', steps_total: 12, done: [{}, {}] })
    await over()
    const found = await evse()
    expect(found).toMatchObject({ standing: 'stands', aborted: null })
    expect(found?.result?.steps.filter(({ result }) => result === 'deviates')).toEqual([])
    expect(found?.result?.steps.filter(({ result }) => result === 'passed')).toHaveLength(11)
    expect(found?.result).toMatchObject({
      outcome: 'completed',
      meter: 'grid-meter',
      firmware: '1.0.0',
      quirks: [],
      capabilities: {
        'smart-charging': 'transaction',
        'proven-to-obey': true,
        'limit-steps-a': 0.5,
        'min-current-a': 6,
        offline: 'fallback',
        pause: 'zero-limit',
        'local-list': true,
        reservation: true,
      },
    })
    expect(found?.result?.suggested_profile).toMatchObject({
      match: [{ vendor: 'Busbar', model: 'Virtual AC 22' }],
    })
    await test.pass(minutes(2))
    expect(doubts()).toEqual([])
    expect(offered(test, 'A')).toBeGreaterThan(20)
    expect(feeder.unsafeRaises).toBe(0)
  })

  it('lets the balancer reserve what was measured while the station is away', async () => {
    await start()
    await begin()
    await over()
    await test.pass(minutes(2))
    const { depot } = test.edge.control
    const key = evseKey(as<StationId>('A'), 1)
    const measured = depot.capabilitiesOf({ station: as<StationId>('A'), key })
    expect(measured).toMatchObject({ offline: 'fallback', provenToObey: true, limitStepA: 0.5 })
    expect(measured.settleS).toBeLessThan(15)
    await test.cut('A')
    await test.pass(seconds(depot.setup.policy.leaseS + 30))
    expect(heldA(test, 'A')).toBe(6)
  })
})

describe('a conformance run speaks', () => {
  it.each([
    [{ id: 'A', feeder: 'f1', version: '2.0.1' as const }, { 'limit-steps-a': 0.5 }],
    [{ id: 'A', feeder: 'f1', version: '2.1' as const }, { 'limit-steps-a': 0.5 }],
    [{ id: 'A', feeder: 'f1', dcKw: 50 }, { pause: 'zero-limit' }],
  ])('to %j', async (station, capabilities) => {
    await start({ stations: [station] })
    await begin()
    await over()
    const found = await evse()
    expect(found?.result?.steps.filter(({ result }) => result === 'deviates')).toEqual([])
    expect(found).toMatchObject({
      aborted: null,
      result: { quirks: [], capabilities: { 'proven-to-obey': true, offline: 'fallback', ...capabilities } },
    })
  })
})

describe('a conformance run', () => {
  it.each([
    [{ vehicle_charges: false }, 'confirm'],
    [{ evse: 2 }, 'no EVSE 2'],
  ])('is refused for %j', async (body, reason) => {
    await start()
    expect(await begin(body)).toMatchObject({ status: 'rejected', reason: expect.stringContaining(reason) })
  })

  it('is refused where no vehicle charges, and beside another run', async () => {
    await start()
    const of = { type: 'conformance-start', evse: 1, vehicleCharges: true, skip: [], by: 'ann' } as const
    const at = (id: string) => test.edge.control.submit({ ...of, station: as<StationId>(id) }).outcome
    expect(at('B')).toMatchObject({ status: 'rejected', reason: 'no transaction runs there' })
    expect(at('A')).toMatchObject({ status: 'accepted' })
    expect(at('A')).toMatchObject({ status: 'rejected', reason: expect.stringContaining('under way') })
  })

  it('lowers others until the rating of the EVSE fits, and never overloads the feeder', async () => {
    await start({}, 50)
    test.plugIn('B', 'v2')
    await test.pass(minutes(2), feeder.look)
    expect(offered(test, 'B')).toBeGreaterThan(20)
    await begin()
    for (let n = 0; step() !== 'levels' && n < 60; n++) await test.pass(seconds(5), feeder.look)
    await test.pass(seconds(40), feeder.look)
    expect(heldA(test, 'A')).toBe(32)
    expect(heldA(test, 'B')).toBeLessThanOrEqual(18)
    expect(feeder.mostA).toBeLessThanOrEqual(50)
    expect(feeder.committedOverA).toBeLessThanOrEqual(0)
  })

  it('gives up where its rating never fits', async () => {
    await start({}, 30)
    await begin()
    await over()
    expect(await evse()).toMatchObject({
      standing: 'incomplete',
      aborted: expect.stringContaining('no room'),
    })
    expect(doubts()).toEqual([])
  })

  const abort = async (act: () => Promise<unknown> | unknown, first = 'levels') => {
    await start()
    await begin()
    await test.until('it measures', () => step() === first, minutes(20))
    await test.pass(seconds(3))
    await act()
    await test.until('the run is over', () => underWay() === null, seconds(30))
    const found = await evse()
    await test.pass(minutes(3))
    expect(doubts()).toEqual([])
    return found
  }

  it('ends when a person says so, and the station gets its normal limit', async () => {
    const found = await abort(() => fetch(path(), { method: 'DELETE' }))
    expect(found).toMatchObject({ standing: 'incomplete', aborted: expect.stringContaining('stopped by') })
    expect(offered(test, 'A')).toBeGreaterThan(20)
    expect((await fetch(path(), { method: 'DELETE' })).status).toBe(404)
  })

  it('ends when the vehicle leaves', async () => {
    const found = await abort(() => test.depot.station('A').unplug())
    expect(found?.aborted).toContain('vehicle left')
  })

  it('ends when the station goes away', async () => {
    const found = await abort(async () => {
      await test.cut('A')
      test.depot.station('A').restoreLink()
    })
    expect(found?.aborted).toContain('went away')
  })

  it('ends when a person decides for the EVSE', async () => {
    const found = await abort(() => {
      const act = {
        kind: 'override',
        evse: evseKey(as<StationId>('A'), 1),
        how: 'pause',
        limit: null,
      } as const
      const until = later(test.clock.now(), minutes(1))
      test.edge.control.submit({ type: 'manual-act', by: 'Ada', act: { ...act, until, reason: 'shunting' } })
    })
    expect(found?.aborted).toContain('by hand')
  })

  it('ends when somebody commands the station past it', async () => {
    const found = await abort(() =>
      test.edge.control.submit({
        type: 'station-command',
        station: as<StationId>('A'),
        command: { kind: 'clear-cache' },
        by: 'bob',
      }),
    )
    expect(found?.aborted).toContain('clear-cache')
  })

  it('ends before other loads overload what protects', async () => {
    const found = await abort(() => test.depot.setBuilding(160_000))
    expect(found?.aborted).toContain('overloaded')
  })

  it('lets the station in again when it ends while that is kept out', async () => {
    const found = await abort(() => fetch(path(), { method: 'DELETE' }), 'loss')
    expect(found?.standing).toBe('incomplete')
    expect(test.evse('A').online).toBe(true)
  })

  it('that a restart of the controller cuts off has ended, and its doubts are settled', async () => {
    await start()
    await begin()
    await test.until('it measures', () => step() === 'variants', minutes(20))
    await test.restartEdge()
    expect(await evse()).toMatchObject({ aborted: 'the controller restarted' })
    await test.until('it is back', () => test.evse('A').online, minutes(2))
    await test.pass(minutes(2))
    expect(doubts()).toEqual([])
  })
})

describe('a station whose profile says what is odd about it', () => {
  it.each<StationQuirks>([
    { 'profile.kind': 'Relative' },
    { 'profile.stack-level': 0 },
    { 'profile.transaction-id': 'omit' },
    { 'profile.resend-after-zero': true },
  ])('passes by its profile: %j', async (quirks) => {
    await start({ stations: [{ id: 'A', feeder: 'f1', quirks }] })
    await begin({ skip: ['variants', 'reboot', 'loss', 'reconnect'] })
    await over()
    const result = (await evse())?.result
    expect(result?.steps.find(({ step }) => step === 'levels')).toMatchObject({ result: 'passed' })
    expect(result).toMatchObject({
      outcome: 'completed',
      capabilities: { 'smart-charging': 'transaction', 'proven-to-obey': true },
    })
  })
})

describe('another firmware', () => {
  it('opens the check again: what was measured proves nothing more, and that is shown', async () => {
    await start()
    await begin()
    await over()
    const { depot } = test.edge.control
    const at = { station: as<StationId>('A'), key: evseKey(as<StationId>('A'), 1) }
    expect(depot.capabilitiesOf(at)).toMatchObject({ offline: 'fallback', provenToObey: true })
    const capabilities = depot.capabilities.get(at.station)
    if (capabilities === undefined) throw new RangeError('it never booted')
    test.edge.control.submit({
      ...{ type: 'station-booted', station: at.station, vendor: 'Busbar', model: 'Virtual AC 22' },
      ...{ serial: null, firmware: '1.1.0', stationProfile: 'busbar-virtual-ac', capabilities },
    })
    expect(depot.capabilitiesOf(at)).toMatchObject({ offline: 'unknown', provenToObey: false })
    expect((await evse())?.standing).toBe('firmware-changed')
    await test.pass(seconds(5))
    expect(incidentCodes(test)).toContain('station.unproven')
    expect(test.edge.control.stations()[0]?.evses[0]?.conformance).toBe('firmware-changed')
  })
})
