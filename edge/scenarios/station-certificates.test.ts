import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CertificatesView } from '@busbar/contracts/lan-api/certificates.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { hours } from '@busbar/units/time.ts'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Edge, startEdge } from '../main.ts'
import { SecureStation } from './secure-station.ts'

const SECRET = 'scenario-secret-0123456789'
const LISTEN = { host: '127.0.0.1', port: 0 }
const TIMEOUT = { timeout: 60_000 }

/** A depot whose stations move up from a secret to certificates. */
const configOf = (ids: readonly string[], data: string, profile: string | null) => ({
  version: 1,
  depot: { id: 'scenario', name: 'Scenario depot', time_zone: 'UTC', virtual: true },
  data_folder: data,
  log_level: 'error',
  ocpp: { listen: LISTEN, tls: { listen: LISTEN, names: ['localhost'], operator: 'Op' } },
  lan_http: { listen: LISTEN, allow_unauthenticated_writes: true },
  site: {
    nominal_voltage_v: 230,
    circuits: [{ id: 'grid', name: 'Grid', rating_a: 40 * ids.length, other_loads_a: 0 }],
  },
  meters: [],
  stations: ids.map((id) => ({
    ...{ id, circuit: 'grid', secret: { virtual: SECRET }, security_profile: 3, upgrading_from: 1 },
    ...(profile === null ? {} : { profile }),
    evses: [{ evse: 1, current: 'ac', rating_a: 32, phases: ['l1', 'l2', 'l3'], fallback_a: 6 }],
  })),
})

describe('certificates of stations', () => {
  let folder: string
  let edge: Edge
  let clock: FakeClock
  let stations: SecureStation[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'busbar-certificates-'))
    // TLS goes by the machine's own time.
    clock = new FakeClock(Date.now())
  })
  afterEach(async () => {
    for (const station of stations) await station.disconnect()
    await edge.stop()
    await rm(folder, { recursive: true })
  })

  async function start(count: number, profile: string | null = null): Promise<void> {
    stations = Array.from({ length: count }, (_, n) => new SecureStation(`S-${n + 1}`))
    const yaml = configOf(
      stations.map(({ id }) => id),
      join(folder, 'data'),
      profile,
    )
    await writeFile(join(folder, 'depot.yaml'), JSON.stringify(yaml))
    await open()
  }
  async function open(): Promise<void> {
    edge = await startEdge({ config: join(folder, 'depot.yaml'), clock, log: pino({ level: 'silent' }) })
  }
  const secure = () => (edge.secureOcppAddress ?? '').replace('127.0.0.1', 'localhost')
  const api = async (path: string, body?: object) => {
    const answer = await fetch(`${edge.httpAddress}/api/v1/certificates${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: await answer.json() }
  }
  const board = async () => CertificatesView.parse((await api('')).body)

  async function until(what: string, test: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 30_000
    while (!(await test())) {
      if (performance.now() > deadline) throw new RangeError(`not within 30 s: ${what}`)
      await new Promise((turn) => setImmediate(turn))
    }
  }
  /** From secret to certificate, and back in by it. */
  async function moveUp(): Promise<void> {
    for (const station of stations) await station.connectPlain(edge.ocppAddress, SECRET)
    await until('all have certificates', () => stations.every(({ store }) => store.chain !== null))
    for (const station of stations) {
      await station.disconnect()
      await station.connectSecure(secure())
    }
  }
  const issuerOf = (station: SecureStation) => new X509Certificate(station.store.chain ?? '').issuer

  it(
    'a station that connects by its secret gets root and certificate and comes back by them',
    TIMEOUT,
    async () => {
      await start(1)
      await moveUp()
      const { stations: shown, roots, behind } = await board()
      expect({ roots, behind }).toEqual({ roots: [1], behind: [] })
      expect(shown).toMatchObject([{ station: 'S-1', presents: true, roots: [1], certificate: { root: 1 } }])
      expect(shown[0]?.certificate?.days_left).toBeGreaterThan(390)
    },
  )

  it('a station that believes one root alone is sent none, and a person is told', TIMEOUT, async () => {
    await start(1, 'smartevse')
    await stations[0]?.connectPlain(edge.ocppAddress, SECRET)
    const warnings = async () => (await fetch(`${edge.httpAddress}/health`)).text()
    await until('a warning', async () => (await warnings()).includes('station.root-refused.S-1'))
    expect(await warnings()).toContain('believes only the root in its firmware')
    expect(stations[0]?.store.roots).toEqual([])
    expect((await board()).behind).toEqual(['S-1'])
  })

  it('a new root takes 50 connected stations along and loses none', TIMEOUT, async () => {
    await start(50)
    await moveUp()
    await api('/rotate', {})
    await until('the old root has retired', async () => {
      const { roots, behind } = await board()
      return roots.length === 1 && roots[0] === 2 && behind.length === 0
    })
    expect(stations.map(({ lost }) => lost)).toEqual(stations.map(() => 0))
    expect(stations.every(({ connected }) => connected)).toBe(true)
    expect(new Set(stations.map(issuerOf))).toEqual(new Set(['O=Op\nCN=Busbar station CA 2']))
    for (const station of stations) {
      await station.disconnect()
      station.store.roots.shift()
      await station.connectSecure(secure())
    }
  })

  it(
    'while one station is away both roots are trusted, and it is let in by the old one',
    TIMEOUT,
    async () => {
      await start(3)
      await moveUp()
      const [away] = stations
      await away?.disconnect()
      await api('/rotate', {})
      await until('the others have arrived', async () => (await board()).behind.length === 1)
      expect(await board()).toMatchObject({ roots: [1, 2], behind: ['S-1'] })
      expect((await api('/retire', { give_up: [] })).status).toBe(409)
      await away?.connectSecure(secure())
      await until('the old root has retired', async () => (await board()).roots.length === 1)
      expect(away?.lost).toBe(0)
    },
  )

  it('a certificate is renewed a month before it ends', TIMEOUT, async () => {
    await start(1)
    await moveUp()
    const before = (await board()).stations[0]?.certificate?.serial
    await stations[0]?.disconnect()
    await edge.stop()
    clock = new FakeClock(Date.now() + hours(24 * 368))
    await open()
    await stations[0]?.connectPlain(edge.ocppAddress, SECRET)
    await until(
      'another certificate',
      async () => (await board()).stations[0]?.certificate?.serial !== before,
    )
    expect((await board()).stations[0]?.certificate?.days_left).toBeGreaterThan(390)
  })

  it('a revoked certificate ends its connection and opens no other', TIMEOUT, async () => {
    await start(2)
    await moveUp()
    const [first, second] = stations
    const serial = (await board()).stations[0]?.certificate?.serial
    expect((await api('/00ff/revoke', {})).status).toBe(404)
    expect((await api(`/${serial}/revoke`, {})).status).toBe(200)
    await until('the connection has ended', () => first?.lost === 1)
    await expect(first?.connectSecure(secure())).rejects.toThrow('401')
    expect(second?.lost).toBe(0)
    expect(edge.control.stations().map(({ id, online }) => [id, online])).toEqual([
      ['S-1', false],
      ['S-2', true],
    ])
  })
})
