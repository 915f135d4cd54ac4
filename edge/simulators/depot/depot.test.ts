import { createServer, type Server } from 'node:http'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { sumPhases } from '@busbar/units/per-phase.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { MeterProfile } from '../../profiles/meter-profile.ts'
import { SmallCsms } from '../station/small-csms.ts'
import { startVirtualDepot, type VirtualDepot, type VirtualDepotOptions } from './depot.ts'
import { readSimulation } from './read-config.ts'

const DEMO = new URL('../../../deploy/demo/simulation.yaml', import.meta.url).pathname
const EVENING = Date.UTC(2026, 10, 21, 17, 30)

let csms: SmallCsms
let url: string
let profile: MeterProfile
const running: VirtualDepot[] = []
const servers: Server[] = []

beforeEach(async () => {
  csms = new SmallCsms()
  url = await csms.listen()
  profile = (await readSimulation(DEMO)).meter.profile
})
afterEach(async () => {
  for (const depot of running.splice(0)) await depot.stop()
  for (const server of servers.splice(0)) server.closeAllConnections()
  await csms.close()
})

async function westfield(changes: Partial<VirtualDepotOptions> = {}) {
  const { api: _, ...options } = await readSimulation(DEMO)
  const clock = new FakeClock(EVENING)
  const meter = { profile, port: 0, unit: 1 }
  const depot = startVirtualDepot({ ...options, ocppUrl: url, meter, ...changes }, { clock })
  running.push(depot)
  const sent = csms.sent
  const received = csms.received
  await depot.start()
  const quiet = () =>
    vi.waitFor(
      () => {
        const { busy, framesSent, framesReceived } = depot.activity()
        expect([busy, framesSent, framesReceived]).toEqual([
          false,
          csms.received - received,
          csms.sent - sent,
        ])
      },
      { interval: 1, timeout: 5000 },
    )
  const pass = async (s: number) => {
    for (let i = 0; i < s; i++) {
      clock.advance(seconds(1))
      await quiet()
    }
  }
  await quiet()
  return { depot, clock, pass, quiet }
}

const fewer = async (stations: readonly string[]): Promise<Partial<VirtualDepotOptions>> => {
  const options = await readSimulation(DEMO)
  return {
    stations: options.stations.filter((station) => stations.includes(station.id)),
    fleet: options.fleet.filter((guest) => guest.visits.every((visit) => stations.includes(visit.station))),
  }
}

describe('the virtual depot', () => {
  it('gives one history for one seed, and another for another', async () => {
    const run = async (seed: number) => {
      const { depot, pass } = await westfield({ seed, ...(await fewer(['A-01', 'A-03', 'C-02'])) })
      await pass(45)
      depot.station('A-01').cutLink()
      await pass(15)
      depot.station('A-01').restoreLink()
      await pass(60)
      const history = {
        events: depot.events(),
        receipts: depot.receipts().map(({ transactionId: _, ...r }) => r),
      }
      await depot.stop()
      return { ...history, receipts: history.receipts.toSorted(byStation) }
    }
    const first = await run(7)
    expect(first.receipts.length).toBeGreaterThan(15)
    expect(await run(7)).toEqual(first)
    expect(await run(8)).not.toEqual(first)
  })

  it('starts the evening with fourteen vehicles that charge', async () => {
    const { depot, pass } = await westfield()
    await pass(10)
    const charging = depot.stations.filter((station) => station.status === 'Charging')
    expect(charging).toHaveLength(14)
    expect(powerOf(depot)).toBeGreaterThan(500_000)
  })

  it('shows on the meter what building and stations draw, at once when the building changes', async () => {
    const { depot, pass } = await westfield(await fewer(['A-01']))
    depot.setBuilding(30_000)
    await pass(10)
    const station = depot.station('A-01').read()
    expect(powerOf(depot)).toBeCloseTo(30_000 / 0.97 + station.powerW, -3)
    depot.setBuilding({ l1: 97_000, l2: 0, l3: 0 })
    expect(depot.drawA().l1).toBeGreaterThan(430)
    expect(depot.drawA().l2).toBeCloseTo(station.currentA[1], 6)
    depot.setBuilding(null)
    expect(powerOf(depot)).toBeGreaterThan(60_000)
  })

  it('gives a receipt for each transaction message that was acknowledged, and for no other', async () => {
    const { depot, pass } = await westfield(await fewer(['A-01']))
    await pass(10)
    csms.answer = (heard) => (heard.action === 'MeterValues' ? null : csms.usual(heard))
    depot.station('A-01').cutLink()
    await pass(20)
    expect(depot.receipts().map((receipt) => receipt.kind)).toEqual(['start', 'values'])
    expect(depot.receipts()[0]).toMatchObject({
      station: 'A-01',
      transactionId: 1,
      timestamp: '2026-11-21T17:30:00.000Z',
    })
  })

  it('takes a vehicle by hand and lets it go', async () => {
    const { depot, pass } = await westfield({ fleet: [] })
    const van = { batteryWh: 1e5, socPct: 20, phases: 1, maxAcW: 7360, maxDcW: 5e4 } as const
    depot.station('B-02').plugIn(depot.vehicle({ id: 'X-1', idToken: 'TAG-X-1', ...van }))
    depot.setBuilding(0)
    await pass(5)
    const { l1, l2, l3 } = depot.drawA()
    expect([l1, l3]).toEqual([0, 0])
    expect(l2).toBeGreaterThan(30)
    depot.station('B-02').unplug()
    expect(sumPhases(depot.drawA())).toBe(0)
  })

  it('comes and goes night after night', async () => {
    const { depot, clock } = await westfield(await fewer(['A-02', 'A-07']))
    for (const station of depot.stations) station.cutLink()
    for (let minute = 0; minute < 48 * 60; minute++) clock.advance(seconds(60))
    const moves = depot.events().filter(({ kind }) => kind === 'plugged-in' || kind === 'unplugged')
    const of = (id: string, kind: string) => moves.filter((e) => e.subject === id && e.kind === kind).length
    expect([of('A-02', 'plugged-in'), of('A-02', 'unplugged')]).toEqual([3, 2])
    expect([of('A-07', 'plugged-in'), of('A-07', 'unplugged')]).toEqual([4, 4])
  })
})

describe('departures', () => {
  it('are announced to the depot, with its token, again and again until it hears', async () => {
    const heard: { authorization: string | undefined; body: string }[] = []
    let up = false
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += String(chunk)
      })
      request.on('end', () => {
        heard.push({ authorization: request.headers.authorization, body })
        response.statusCode = up ? 200 : 503
        response.end(JSON.stringify({ accepted: [], unknown: ['B-102'] }))
      })
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const api = { url: `http://127.0.0.1:${port}`, token: 'secret' }
    const { depot, pass } = await westfield({ api, ...(await fewer(['A-02'])) })
    expect(heard).toHaveLength(1)
    up = true
    await pass(20)
    expect(heard).toHaveLength(2)
    expect(heard[1]?.authorization).toBe('Bearer secret')
    expect(JSON.parse(heard[1]?.body ?? '')).toEqual({
      departures: [
        { vehicle: 'B-102', departure_at: '2026-11-22T05:20:00.000Z', energy_needed_wh: expect.any(Number) },
      ],
    })
    const told = depot.events().find(({ kind }) => kind === 'departures-announced')
    expect(told?.detail).toEqual({ sent: 1, unknown: ['B-102'] })
  })
})

const powerOf = (depot: VirtualDepot): number => sumPhases(depot.drawA()) * 230

const byStation = (a: { station: string }, b: { station: string }): number =>
  a.station < b.station ? -1 : a.station > b.station ? 1 : 0
