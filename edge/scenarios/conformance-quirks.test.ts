import type { ConformanceView } from '@busbar/contracts/lan-api/conformance.ts'
import { as, evseKey, type StationId } from '@busbar/model/ids.ts'
import { minutes } from '@busbar/units/time.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { StationCapabilities } from '../domain/inputs.ts'
import type { VehiclePlan } from '../simulators/depot/vehicle.ts'
import type { ConnectedVehicle } from '../simulators/station/connected-vehicle.ts'
import type { Misbehaviour } from '../simulators/station/misbehaviour.ts'
import type { StationQuirks } from '../simulators/station/quirks/quirk-set.ts'
import { TestDepot } from './test-depot.ts'

const STEPS = [
  ...['inventory', 'liveness', 'levels', 'rounding', 'composite', 'variants'],
  ...['duration', 'reconnect', 'loss', 'zero', 'reboot', 'unlock'],
]

let test: TestDepot
afterEach(() => test.stop())

/** Runs the named steps at a station of 32 A that misbehaves so, and that no profile describes. */
async function found(
  of: {
    quirks?: StationQuirks
    misbehaves?: Partial<Misbehaviour>
    vehicle?: Partial<VehiclePlan>
    /** The most that the vehicle takes from when the station is out of reach, A; absent: as before. */
    tapersToA?: number
  },
  steps: readonly string[],
) {
  test = await TestDepot.start({
    gridA: 250,
    otherA: 60,
    feeders: [{ id: 'f1', ratingA: 100 }],
    stations: [{ id: 'A', feeder: 'f1' }],
    vehicles: ['v1'],
    losesFrames: true,
  })
  const station = test.depot.station('A')
  station.quirks = of.quirks ?? {}
  station.misbehave(of.misbehaves ?? {})
  await test.until('the station is there', () => test.evse('A').online, minutes(2))
  test.plugIn('A', 'v1', of.vehicle)
  await test.pass(minutes(3))
  const path = `${test.edge.httpAddress}/api/v1/stations/A/conformance`
  const body = JSON.stringify({ vehicle_charges: true, skip: STEPS.filter((step) => !steps.includes(step)) })
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  expect(await (await fetch(path, init)).json()).toMatchObject({ status: 'accepted' })
  if (of.tapersToA !== undefined) {
    await test.until('it is out of reach', () => !test.evse('A').online, minutes(20))
    taper(station, of.tapersToA)
  }
  await test.until('the run is over', () => test.edge.control.depot.conformance.now === null, minutes(40))
  const view = (await (await fetch(path)).json()) as ConformanceView
  const result = view.evses[0]?.result
  const quirks = Object.fromEntries((result?.quirks ?? []).map(({ key, value }) => [key, value]))
  const at = { station: as<StationId>('A'), key: evseKey(as<StationId>('A'), 1) }
  return {
    ...{ quirks, capabilities: result?.capabilities, steps: result?.steps, aborted: view.evses[0]?.aborted },
    counted: test.edge.control.depot.capabilitiesOf(at),
  }
}

/** From here on its vehicle takes no more than this. */
function taper({ vehicle }: { readonly vehicle: ConnectedVehicle | null }, mostA: number): void {
  if (vehicle === null) throw new RangeError('no vehicle')
  const charge = vehicle.charge.bind(vehicle)
  vehicle.charge = (offer, at, dtS) =>
    charge(offer?.kind === 'ac' ? { ...offer, limitA: Math.min(offer.limitA, mostA) } : offer, at, dtS)
}

describe('a conformance run finds a station that', () => {
  it.each<[key: string, value: unknown, steps: readonly string[]]>([
    ['profile.zero', 'ends', ['levels', 'zero']],
    ['profile.lost-on-reconnect', true, ['levels', 'reconnect']],
    ['profile.resend-after-zero', true, ['levels', 'zero']],
    ['profile.verify', 'meter', ['levels', 'composite']],
    ['profile.kind', 'Relative', ['levels', 'variants']],
    ['profile.unit', 'W', ['levels', 'variants']],
    ['profile.stack-level', 0, ['levels', 'variants']],
    ['profile.stack-level', 5, ['levels', 'variants']],
    ['profile.transaction-id', 'omit', ['levels', 'variants']],
    ['profile.purposes', ['TxDefaultProfile'], ['levels', 'variants']],
    ['profile.purposes', ['TxDefaultProfile', 'TxProfile'], ['levels', 'variants']],
    ['profile.max-is-per-connector', true, ['levels', 'variants']],
    ['meter.register', 'transaction', ['liveness']],
    ['meter.power', 'from-current', ['liveness']],
    ['meter.no-trigger', true, ['liveness']],
    ['meter.baseline', 'ignore-zero', ['liveness']],
    ['clock.zone', '+02:00', ['liveness']],
    ['liveness.proof', 'any-frame', ['liveness']],
    ['config.secret-keys', ['AuthorizationKey'], ['inventory']],
    [
      'config.read-only-these',
      ['MeterValuesSampledData', 'MeterValueSampleInterval', 'HeartbeatInterval'],
      ['inventory'],
    ],
    ['liveness.manual-restart-after-s', 180, ['levels', 'reconnect']],
  ])('has the quirk %s: %j', async (key, value, steps) => {
    const { quirks, aborted, steps: told } = await found({ quirks: { [key]: value } }, steps)
    expect({ aborted, quirks }, JSON.stringify(told, null, 1)).toEqual({
      aborted: null,
      quirks: { [key]: value },
    })
  })

  it('draws more for a while after each new limit, and for how long', async () => {
    const { quirks } = await found({ quirks: { 'profile.spike-on-set-s': 10 } }, ['levels'])
    expect(Object.keys(quirks)).toEqual(['profile.spike-on-set-s'])
    // The vehicle itself takes some seconds to follow.
    expect(quirks['profile.spike-on-set-s']).toBeGreaterThanOrEqual(10)
    expect(quirks['profile.spike-on-set-s']).toBeLessThanOrEqual(16)
  })

  it('has a wrong clock for a while after a restart', async () => {
    const { quirks } = await found({ quirks: { 'clock.distrust-after-boot-s': 45 } }, ['levels', 'reboot'])
    expect(Object.keys(quirks)).toEqual(['clock.distrust-after-boot-s'])
    expect(quirks['clock.distrust-after-boot-s']).toBeGreaterThanOrEqual(45)
    expect(quirks['clock.distrust-after-boot-s']).toBeLessThan(60)
  })

  it('tells its values as those of the whole station, which leaves nothing to measure by', async () => {
    const { quirks, aborted } = await found({ quirks: { 'meter.connector-zero': 'as-connector-1' } }, [])
    expect(quirks).toEqual({ 'meter.connector-zero': 'as-connector-1' })
    expect(aborted).toContain('whole station')
  })

  it('has none of them', async () => {
    expect(await found({}, STEPS)).toMatchObject({ aborted: null, quirks: {} })
  })

  it('draws up to its rating whatever it accepts', async () => {
    const { capabilities } = await found({ misbehaves: { ignoresLimits: true } }, ['levels', 'variants'])
    expect(capabilities).toMatchObject({ 'smart-charging': 'none', 'proven-to-obey': false })
  })

  it.each<[Partial<Misbehaviour>, object, readonly string[]]>([
    [{ alone: 'profiles' }, { offline: 'fallback' }, ['levels', 'loss']],
    [{ alone: 'keeps' }, { offline: 'keeps' }, ['levels', 'loss']],
    [{ alone: 'full' }, { offline: 'full' }, ['levels', 'loss']],
    [{ alone: 'zero' }, { offline: 'zero' }, ['levels', 'loss']],
    [{ ignoresDurations: true }, { offline: 'keeps' }, ['levels', 'duration']],
    [{ roundsTo: 1 }, { 'limit-steps-a': 1 }, ['levels', 'rounding']],
    [{ roundsTo: 2 }, { 'limit-steps-a': 2 }, ['levels', 'rounding']],
  ])('%j, which it measures as %j', async (misbehaves, capabilities, steps) => {
    const { aborted, capabilities: measured, steps: told } = await found({ misbehaves }, steps)
    expect({ aborted, ...measured }, JSON.stringify(told)).toMatchObject({ aborted: null, ...capabilities })
  })

  it('forgets its limits at a restart, which a small vehicle does not make a fallback of its own', async () => {
    const { capabilities, steps } = await found(
      { misbehaves: { losesProfiles: true, keepsTransaction: true }, vehicle: { maxAcW: 11_040 } },
      ['levels', 'reboot'],
    )
    expect(capabilities, JSON.stringify(steps)).toMatchObject({ offline: 'full' })
    expect(capabilities).not.toHaveProperty('fallback-a')
  })

  it.each([
    ['finishes', 0, 'full'],
    ['finishes', 0, 'profiles'],
    ['tapers to the fallback', 6, 'keeps'],
    ['tapers to less than its limit', 12, 'full'],
  ] as const)(
    'has a vehicle that %s while it is out of reach, which proves nothing: %d A, %s',
    async (_how, tapersToA, alone) => {
      const { capabilities, steps, aborted } = await found({ misbehaves: { alone }, tapersToA }, [
        'levels',
        'loss',
      ])
      expect(aborted).toBeNull()
      expect(capabilities).not.toHaveProperty('offline')
      expect(capabilities).not.toHaveProperty('fallback-a')
      expect(steps?.find(({ step }) => step === 'loss')).toMatchObject({
        result: 'not-checked',
        text: expect.stringContaining('vehicle takes no more'),
      })
    },
  )

  it.each<[StationQuirks, Partial<StationCapabilities>, readonly string[]]>([
    [{ 'profile.lost-on-reconnect': true }, { offline: 'full' }, ['levels', 'reconnect', 'loss']],
    [{ 'profile.resend-after-zero': true }, { unbounded: true }, ['levels', 'zero']],
    [{ 'profile.spike-on-set-s': 10 }, { unbounded: true }, ['levels']],
  ])(
    'has a dangerous quirk, and the balancer counts with that at once: %j',
    async (quirks, capabilities, steps) => {
      const { counted, steps: told } = await found({ quirks }, steps)
      expect(counted, JSON.stringify(told)).toMatchObject(capabilities)
    },
  )

  it('rejects every profile', async () => {
    const { capabilities } = await found({ misbehaves: { rejectsProfiles: 'all' } }, ['levels', 'variants'])
    expect(capabilities).toMatchObject({ 'smart-charging': 'none', 'proven-to-obey': false })
  })

  it('takes no limits of its transaction, but a default', async () => {
    const { quirks } = await found({ misbehaves: { rejectsProfiles: 'transaction' } }, ['levels', 'variants'])
    expect(quirks).toEqual({ 'profile.purposes': ['TxDefaultProfile'] })
  })

  it('does not say what limit it works out', async () => {
    const { quirks } = await found({ misbehaves: { rejectsComposite: true } }, ['levels', 'composite'])
    expect(quirks).toEqual({ 'profile.verify': 'meter' })
  })
})
