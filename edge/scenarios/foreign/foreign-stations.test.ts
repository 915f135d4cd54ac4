import { minutes } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { storedFact } from '../../domain/ports/fact-line.ts'
import { signedBy } from '../signed-image.ts'
import { TestDepot } from '../test-depot.ts'
import type { ForeignStation } from './foreign-station.ts'
import { OcppTsStation } from './ocpp-ts-station.ts'
import { TypedOcppStation } from './typed-ocpp-station.ts'

describe.each([
  ['OCPP 1.6, on ocpp-ts', (test: TestDepot) => new OcppTsStation(test), { unsigned: true }],
  ['OCPP 2.0.1, on typed-ocpp', (test: TestDepot) => new TypedOcppStation(test, 'ocpp2.0.1'), {}],
  ['OCPP 2.1, on typed-ocpp', (test: TestDepot) => new TypedOcppStation(test, 'ocpp2.1'), {}],
] as const)('a station of %s, a public library that is not ours', (_name, station, image) => {
  let test: TestDepot
  let foreign: ForeignStation
  beforeEach(async () => {
    test = await TestDepot.start({
      gridA: 200,
      otherA: 60,
      feeders: [{ id: 'f1', ratingA: 21 }],
      stations: [],
      foreign: [{ id: 'FOREIGN', feeder: 'f1' }],
      vehicles: ['bus'],
    })
    foreign = station(test)
    await foreign.connect()
  })
  afterEach(async () => {
    foreign.close()
    await test.stop()
  })

  async function ask(method: string, path: string, init: RequestInit = {}): Promise<unknown> {
    let answer: unknown
    void fetch(`${test.edge.httpAddress}/api/v1${path}`, { method, ...init }).then(async (response) => {
      answer = await response.json()
    })
    await test.untilReally(`${method} ${path}`, async () => answer !== undefined)
    return answer
  }
  const post = (path: string, body: object) =>
    ask('POST', path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

  it('boots, charges, is limited by its feeder and stops; its energy is on the books, and all we say is valid', async () => {
    await foreign.start()
    for (let reports = 0; reports < 36; reports++) {
      await foreign.charge()
      expect(foreign.drawA).toBeLessThanOrEqual(20)
    }
    expect(foreign.limitsA.at(-1)).toBe(20)
    expect(test.evse('FOREIGN')).toMatchObject({
      state: 'limited',
      vehicle: 'bus',
      offered_a: 20,
      binding_row: 'f1/l1',
      reason: 'f1, L1 is full',
    })

    await foreign.stop()
    const energy = foreign.registerWh - 5000
    expect(energy).toBeGreaterThan(400)
    expect(await test.transactions()).toMatchObject([
      { station: 'FOREIGN', vehicle: 'bus', energy_wh: energy, reason: 'Local' },
    ])
    await test.pass(minutes(1))
    expect(test.evse('FOREIGN').transaction).toBeNull()
    expect(foreign.faults).toEqual([])
  })

  it('is kept for a token and takes new firmware', async () => {
    await foreign.start()
    await foreign.stop()
    const expires_at = new Date(test.clock.now() + 3_600_000).toISOString()
    const reserved = await post('/reservations', {
      ...{ station: 'FOREIGN', evse: 1, id_token: 'TAG-bus', expires_at },
    })
    expect(reserved).toMatchObject({ status: 'accepted' })
    expect(foreign.reservedFor).toEqual(['TAG-bus'])

    const content = new TextEncoder().encode('firmware 2.0')
    const { sha256, headers } = await signedBy(content, test.clock.now())
    await ask('PUT', `/firmware-images/fw-2.0?sha256=${sha256}`, {
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body: content,
    })
    const update = { kind: 'update-firmware', image: 'fw-2.0', ...image }
    expect(await post('/stations/FOREIGN/commands', update)).toMatchObject({ status: 'accepted' })
    await test.untilReally('the firmware is installed', async () => (await statuses()).includes('Installed'))
    expect(foreign.firmware).toEqual(['firmware 2.0'])
    expect(foreign.faults).toEqual([])
  })

  async function statuses(): Promise<readonly string[]> {
    const records = await test.edge.control.depot.deps.factLog.read(0, 10_000)
    return records
      .map(({ line }) => storedFact(line).fact)
      .flatMap((fact) => (fact.type === 'FirmwareStatusReported' ? [fact.data.status] : []))
  }
})
