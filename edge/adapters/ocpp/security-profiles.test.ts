import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import type { KnownStation, SecurityProfile } from './csms.ts'
import { type DepotDouble, startDepot } from './testing/depot-double.ts'
import { connect } from './testing/raw-station.ts'

const SECRET = 'secret-0123456789'
const basic = (user: string, secret = SECRET) =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
const known = (id: string, securityProfile: SecurityProfile, upgradingFrom: SecurityProfile | null = null) =>
  ({
    id: as(id),
    secretSha256:
      securityProfile === 3 && upgradingFrom === null
        ? null
        : createHash('sha256').update(SECRET).digest('hex'),
    ...{ securityProfile, upgradingFrom },
  }) satisfies KnownStation

/** OpenSSL stands for the makers of stations and for authorities that are not ours. */
let folder: string
const at = (name: string) => join(folder, name)
const read = (name: string) => readFileSync(at(name), 'utf8')
const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', [...args], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] }).toString()
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function authority(name: string): void {
  const subject = ['-subj', `/O=Op/CN=${name}`, '-days', '30']
  openssl('req', '-x509', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...subject)
  writeFileSync(at(`${name}.cnf`), `[ca]\ndefault_ca=c\n[c]\ndatabase=${name}.db\ndefault_md=sha256\n`)
  writeFileSync(at(`${name}.db`), '')
}
function certificate(name: string, of: { by: string; commonName: string; dates?: readonly string[] }): void {
  openssl(
    'req',
    '-new',
    ...newKey,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${of.commonName}`,
  )
  const dates = of.dates ?? ['-days', '30']
  const signed = ['-CA', `${of.by}.pem`, '-CAkey', `${of.by}.key`, '-CAcreateserial', '-out', `${name}.pem`]
  if (of.dates === undefined) openssl('x509', '-req', '-in', `${name}.csr`, ...signed, ...dates)
  else {
    const policy = '[p]\ncommonName=supplied\n'
    writeFileSync(
      at(`${name}.cnf`),
      `[ca]\ndefault_ca=c\n[c]\ndatabase=${name}.db\nnew_certs_dir=.\nserial=${name}.srl\ndefault_md=sha256\npolicy=p\n${policy}`,
    )
    writeFileSync(at(`${name}.db`), '')
    writeFileSync(at(`${name}.srl`), '77')
    const ca = ['ca', '-batch', '-config', `${name}.cnf`, '-cert', `${of.by}.pem`, '-keyfile', `${of.by}.key`]
    openssl(...ca, '-in', `${name}.csr`, '-out', `${name}.pem`, '-notext', ...dates)
  }
}
function revocationList(by: string, revoked: readonly string[]): string {
  const ca = ['ca', '-config', `${by}.cnf`, '-cert', `${by}.pem`, '-keyfile', `${by}.key`]
  for (const name of revoked) openssl(...ca, '-revoke', `${name}.pem`)
  return openssl(...ca, '-gencrl', '-crldays', '30')
}

let depot: DepotDouble
let url: string
const identity = (revocationLists: readonly string[]) => ({
  certificate: read('server.pem'),
  key: read('server.key'),
  ...{ roots: [read('ours.pem')], revocationLists },
})
const showing = (name: string, more: ClientOptions = {}): ClientOptions => ({
  ...{ ca: read('ours.pem'), cert: read(`${name}.pem`), key: read(`${name}.key`), ...more },
})

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'busbar-tls-'))
  for (const name of ['ours', 'other']) authority(name)
  certificate('server', { by: 'ours', commonName: 'localhost' })
  certificate('good', { by: 'ours', commonName: 'TLS3' })
  certificate('up', { by: 'ours', commonName: 'UP' })
  certificate('another', { by: 'ours', commonName: 'OTHER3' })
  certificate('foreign', { by: 'other', commonName: 'TLS3' })
  certificate('revoked', { by: 'ours', commonName: 'TLS3' })
  certificate('expired', {
    ...{ by: 'ours', commonName: 'TLS3' },
    dates: ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z'],
  })
  openssl('req', '-x509', ...newKey, '-keyout', 'self.key', '-out', 'self.pem', '-subj', '/CN=TLS3')
})
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(async () => {
  depot = await startDepot({
    clock: new FakeClock(),
    stations: [known('P1', 1), known('TLS2', 2), known('TLS3', 3), known('OTHER3', 3), known('UP', 3, 1)],
    secure: { listen: { host: '127.0.0.1', port: 0 }, identity: identity([revocationList('ours', [])]) },
  })
  url = `wss://localhost:${depot.csms.secureAddress()?.port}`
})
afterEach(() => depot.csms.stop())

const serves = async (address: string, options: ClientOptions) => {
  const station = await connect(address, options)
  expect((await station.call('Heartbeat', {}))[0]).toBe(3)
  await station.close()
}
/** The status of a refused upgrade. */
const refused = (address: string, options: ClientOptions): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(address, ['ocpp1.6'], options)
    socket.on('error', () => socket.terminate())
    socket.once('open', () => reject(new RangeError('it was let in')))
    socket.once('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
  })
const reasons = () => depot.events.map((event) => (event.kind === 'refused' ? event.reason : event.kind))
const secret = (id: string): ClientOptions => ({ headers: { authorization: basic(id) } })

describe('security profiles', () => {
  test('TC_086 TC_A_04: 2 lets a station in over TLS by its secret', async () => {
    await serves(`${url}/TLS2`, { ca: read('ours.pem'), ...secret('TLS2') })
    expect(await refused(`${url}/TLS2`, { ca: read('ours.pem') })).toBe(401)
    expect(reasons()).toEqual(['no-credentials'])
  })

  test('TC_087 TC_A_07: 3 lets a station in by its certificate and asks for no secret', async () => {
    await serves(`${url}/TLS3`, showing('good'))
  })

  test('TC_A_06: a version of TLS before 1.2 is not spoken', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const
    // Without lowering this, the client of this test refuses by itself.
    const lax = { ciphers: 'DEFAULT@SECLEVEL=0', ...old, ca: read('ours.pem'), ...secret('TLS2') }
    await expect(connect(`${url}/TLS2`, lax)).rejects.toThrow(/protocol version|EPROTO|ECONNRESET/)
    expect(depot.inputs).toEqual([])
  })

  test('S08: a station of profile 2 or 3 is refused over plain WebSocket, secret or not', async () => {
    for (const id of ['TLS2', 'TLS3']) expect(await refused(`${depot.url}/${id}`, secret(id))).toBe(401)
    expect(new Set(reasons())).toEqual(new Set(['security-profile']))
    expect(depot.inputs).toEqual([])
  })

  test('a station of profile 1 is refused over TLS, which it is not configured for', async () => {
    expect(await refused(`${url}/P1`, { ca: read('ours.pem'), ...secret('P1') })).toBe(401)
    expect(reasons()).toEqual(['security-profile'])
  })

  test('a secret does not stand in for the certificate of profile 3', async () => {
    expect(await refused(`${url}/TLS3`, { ca: read('ours.pem'), ...secret('TLS3') })).toBe(401)
    expect(reasons()).toEqual(['no-certificate'])
  })

  test('TC_083 TC_A_19: a station that moves up is let in by either', async () => {
    await serves(`${depot.url}/UP`, secret('UP'))
    await serves(`${url}/UP`, showing('up'))
    expect(await refused(`${url}/UP`, showing('good'))).toBe(401)
    expect(reasons()).toEqual(['certificate-of-another-station'])
  })
})

describe('S09 TC_A_08: a certificate that proves nothing is refused with a reason of its own', () => {
  test.each([
    ['expired', 'certificate-expired'],
    ['foreign', 'certificate-of-another-authority'],
    ['self', 'certificate-self-signed'],
    ['another', 'certificate-of-another-station'],
  ])('%s', async (name, reason) => {
    expect(await refused(`${url}/TLS3`, showing(name))).toBe(401)
    expect(reasons()).toEqual([reason])
    await serves(`${url}/TLS3`, showing('good'))
  })

  test('revoked, from the next connection on and although the session is known', async () => {
    const session = await sessionOf('revoked')
    await serves(`${url}/TLS3`, showing('revoked'))
    depot.csms.secure(identity([revocationList('ours', ['revoked'])]))
    expect(await refused(`${url}/TLS3`, showing('revoked', session))).toBe(401)
    expect(reasons()).toEqual(['certificate-revoked'])
    await serves(`${url}/TLS3`, showing('good'))
  })

  /** What a client could resume with, if it was given anything. */
  function sessionOf(name: string): Promise<ClientOptions> {
    return new Promise((resolve) => {
      const port = depot.csms.secureAddress()?.port ?? 0
      const { ca, cert, key } = showing(name)
      const socket = connectTls({ port, host: 'localhost', ca, cert, key } as never, () => {
        const session = socket.getSession()
        socket.destroy()
        resolve(session === undefined ? {} : ({ session } as ClientOptions))
      })
    })
  }
})

test('S10: a valid certificate of one station does not let another in', async () => {
  expect(await refused(`${url}/OTHER3`, showing('good'))).toBe(401)
  expect(reasons()).toEqual(['certificate-of-another-station'])
  await serves(`${url}/OTHER3`, showing('another'))
})

test('versions of TLS below 1.2 are not spoken', async () => {
  const port = depot.csms.secureAddress()?.port ?? 0
  const old = { port, host: 'localhost', ca: read('ours.pem'), maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }
  await new Promise<void>((resolve, reject) => {
    const socket = connectTls({ ...old, ciphers: 'DEFAULT@SECLEVEL=0' } as never, () =>
      reject(new RangeError('spoken')),
    )
    socket.on('error', () => resolve())
  })
})
