import type { MeterDetail, MeterRegisters, MeterReport } from '@busbar/contracts/lan-api/meters.ts'
import { minutes, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selfTestReports } from '../domain/site/trust/self-tests.ts'
import { TestDepot } from './test-depot.ts'

describe('commissioning a site meter over the API', () => {
  let test: TestDepot
  beforeEach(async () => {
    test = await TestDepot.start({
      gridA: 140,
      otherA: 70,
      feeders: [{ id: 'f1', ratingA: 250 }],
      stations: ['A', 'B'].map((id) => ({ id, feeder: 'f1' })),
      vehicles: ['v1', 'v2'],
    })
    await test.until('every station is reconciled', () => test.edge.control.depot.ready, minutes(2))
  })
  afterEach(() => test.stop())

  const api = (path: string) => `${test.edge.httpAddress}/api/v1${path}`
  const get = async <T>(path: string): Promise<T> => (await (await fetch(api(path))).json()) as T
  async function post<T>(path: string, body: unknown): Promise<T> {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }
    return (await (await fetch(api(path), init)).json()) as T
  }
  const report = () => get<MeterReport>('/meters/grid-meter/report')
  const result = () => test.edge.control.depot.memory.table(selfTestReports).get('grid-meter')?.result
  const meter = async () => (await get<{ meters: MeterDetail[] }>('/meters')).meters[0]

  it('shows registers raw and decoded, of a configured meter and of one that is not yet', async () => {
    const { profiles } = await get<{ profiles: { id: string }[] }>('/meter-profiles')
    expect(profiles.map(({ id }) => id)).toContain('janitza-umg')
    const registers = await get<MeterRegisters>('/meters/grid-meter/registers')
    const frequency = registers.decoded.find(({ name }) => name === 'f')
    expect(frequency).toMatchObject({ addr: 19_050, unit: 'Hz', words: [0x4248, expect.any(Number)] })
    expect(frequency?.value).toBeCloseTo(50, 1)

    const probe = { way: 'modbus_tcp', host: '127.0.0.1', port: test.depot.meterPort, unit: 1 }
    const fits = await post('/meter-probes', { ...probe, profile: 'janitza-umg' })
    expect(fits).toMatchObject({ status: 'read', registers: { raw: expect.any(Array) } })
    const unknown = await post('/meter-probes', { ...probe, profile: 'no-such' })
    expect(unknown).toMatchObject({ status: 'failed', code: 'profile' })
    expect((await fetch(api('/meters/none/registers'))).status).toBe(404)
  })

  it('finds swapped transformers by the step of a station, keeps the report, and lets the meter pass once they are put right', async () => {
    await test.depot.meter.faults.set({ kind: 'phaseSwap', phases: ['l1', 'l3'], of: 'current' })
    test.plugIn('A', 'v1')
    await test.pass(minutes(2))
    const asked = await post('/meters/grid-meter/self-test', { station: 'A' })
    expect(asked).toEqual({ status: 'accepted', reason: null })
    await test.until('the test has failed', () => result() === 'failed', minutes(3))
    const failed = await report()
    expect(failed.result).toBe('failed')
    expect(failed.steps.find(({ step }) => step === 'direction')).toMatchObject({
      result: 'failed',
      text: 'suspected phase map: L1 sees L3, L3 sees L1',
    })
    expect(failed.step?.expected_w.l1).not.toBe(0)
    expect(failed.raw.length).toBeGreaterThan(0)
    expect(failed.by).not.toBe('')
    expect((await meter())?.standing).toBe('monitor-only')

    await test.depot.meter.faults.set({ kind: 'none' })
    await test.pass(seconds(60))
    test.plugIn('B', 'v2')
    await test.until('the meter is believed', () => test.live().meters[0]?.quality === 'live', minutes(8))
    expect((await report()).result).toBe('passed')
    expect((await report()).step?.verdict).toBe('fits')
    expect(await meter()).toMatchObject({ standing: 'drives-limits', self_test: { result: 'passed' } })
  })

  it('asks for a step only of a station that is charging below the meter', async () => {
    expect(await post('/meters/grid-meter/self-test', { station: 'A' })).toMatchObject({ status: 'rejected' })
    expect(await post('/meters/grid-meter/self-test', { station: 'Z' })).toMatchObject({ status: 'rejected' })
    expect(await post('/meters/grid-meter/self-test', {})).toEqual({ status: 'accepted', reason: null })
  })
})
