import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { hours } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { IssuedCertificate, SigningRefusal } from '../../domain/ports/station-authority.ts'
import { type RunningAuthority, startStationAuthority } from './station-authority.ts'

let work: string
let folder: string
let clock: FakeClock
let authority: RunningAuthority
const at = (name: string) => join(work, name)
const openssl = (...args: readonly string[]) =>
  execFileSync('openssl', [...args], { cwd: work, stdio: ['ignore', 'pipe', 'pipe'] }).toString()
const start = () => startStationAuthority({ folder, operator: 'Op', clock })

beforeEach(async () => {
  work = mkdtempSync(join(tmpdir(), 'busbar-pki-'))
  folder = join(work, 'pki')
  clock = new FakeClock(Date.now())
  authority = await start()
})
afterEach(async () => {
  await authority.stop()
  rmSync(work, { recursive: true })
})

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
/** A station's key and request, made by OpenSSL as a maker's firmware would. */
function request(subject: string, key: readonly string[] = EC): string {
  openssl('req', '-new', ...key, '-nodes', '-keyout', 'station.key', '-out', 'station.csr', '-subj', subject)
  return readFileSync(at('station.csr'), 'utf8')
}
const sign = (csr: string, names = ['A-01', 'SN-7']) => authority.sign({ csr, station: as('A-01'), names })
const issued = (answer: IssuedCertificate | SigningRefusal): IssuedCertificate => {
  if ('refused' in answer) throw new RangeError(answer.reason)
  return answer
}
/** What OpenSSL says of a certificate under the roots that the authority names. */
async function verify(pem: string): Promise<string> {
  const { roots, revocationLists } = await authority.trust()
  writeFileSync(at('trust.pem'), [...roots, ...revocationLists].join('\n'))
  writeFileSync(at('leaf.pem'), pem)
  try {
    return openssl('verify', '-crl_check', '-CAfile', 'trust.pem', 'leaf.pem')
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr)
  }
}

describe('a request for a certificate', () => {
  test.each([
    ['ECDSA', EC],
    ['RSA', ['-newkey', 'rsa:2048']],
  ])('with an %s key is signed for the name it proves', async (_kind, key) => {
    const { chain, serial, notAfter } = issued(await sign(request('/O=Someone/CN=SN-7', key)))
    const leaf = new X509Certificate(chain)
    expect(leaf.subject).toBe('O=Op\nCN=SN-7')
    expect(leaf.serialNumber.toLowerCase()).toBe(serial)
    expect(Date.parse(leaf.validTo)).toBe(Math.floor(notAfter / 1000) * 1000)
    expect(leaf.ca).toBe(false)
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(await verify(chain)).toContain('OK')
  })

  test.each([
    ['unreadable', () => 'hello', ''],
    ['wrong-name', () => request('/CN=B-02'), 'expected A-01 or SN-7, found B-02'],
    ['wrong-name', () => request('/O=Op'), 'found none'],
    ['wrong-name', () => request('/CN=A-01/CN=B-02'), 'A-01, B-02'],
    ['weak-key', () => request('/CN=A-01', ['-newkey', 'rsa:1024']), 'found 1024'],
    ['bad-signature', () => tampered(request('/CN=A-01')), 'not signed'],
  ])('is refused as %s', async (refused, csr, reason) => {
    const answer = await sign(csr())
    expect(answer).toMatchObject({ refused, reason: expect.stringContaining(reason) })
    expect(await authority.issued()).toEqual([])
  })

  /** The last bits of the signature are others. */
  function tampered(csr: string): string {
    const bytes = Buffer.from(csr.replaceAll(/-----.*-----|\s/g, ''), 'base64')
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    return `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
  }
})

describe('what was issued', () => {
  test('is remembered over a restart, and so is the root', async () => {
    const { chain, serial } = issued(await sign(request('/CN=A-01')))
    const { roots } = await authority.trust()
    await authority.stop()
    authority = await start()
    expect((await authority.trust()).roots).toEqual(roots)
    expect(await authority.issued()).toMatchObject([
      { serial, station: 'A-01', revoked: false, generation: 1 },
    ])
    expect(await verify(chain)).toContain('OK')
  })

  test('is worth nothing once it is revoked, and the others stand', async () => {
    const first = issued(await sign(request('/CN=A-01')))
    const second = issued(await sign(request('/CN=A-01')))
    await authority.revoke(first.serial)
    expect(await verify(first.chain)).toContain('revoked')
    expect(await verify(second.chain)).toContain('OK')
  })

  test('is forgotten after it has expired', async () => {
    await sign(request('/CN=A-01'))
    clock.advance(hours(24 * 400))
    await sign(request('/CN=A-01'))
    expect(await authority.issued()).toHaveLength(1)
  })
})

describe('a new root', () => {
  test('signs from then on, beside the old one until that retires', async () => {
    const old = issued(await sign(request('/CN=A-01')))
    await authority.rotate()
    const renewed = issued(await sign(request('/CN=A-01')))
    expect((await authority.trust()).roots).toHaveLength(2)
    for (const { chain } of [old, renewed]) expect(await verify(chain)).toContain('OK')
    expect((await authority.issued()).map(({ generation }) => generation)).toEqual([1, 2])
    await authority.retire()
    expect((await authority.trust()).roots).toHaveLength(1)
    expect(await verify(renewed.chain)).toContain('OK')
    expect(await verify(old.chain)).not.toContain('OK')
  })

  test('does not sign our own end before every station can know it', async () => {
    const oldRoot = (await authority.trust()).roots[0] ?? ''
    await authority.rotate()
    const ours = async () => new X509Certificate((await authority.serverIdentity(['localhost'])).certificate)
    const under = (leaf: X509Certificate, root: string) => leaf.verify(new X509Certificate(root).publicKey)
    expect(under(await ours(), oldRoot)).toBe(true)
    await authority.retire()
    expect(under(await ours(), oldRoot)).toBe(false)
    expect(under(await ours(), (await authority.trust()).roots[0] ?? '')).toBe(true)
  })
})

test("the depot's own certificate bears names and addresses", async () => {
  const { certificate } = await authority.serverIdentity(['depot.lan', '10.0.0.5'])
  const leaf = new X509Certificate(certificate)
  expect(leaf.checkHost('depot.lan')).toBe('depot.lan')
  expect(leaf.checkIP('10.0.0.5')).toBe('10.0.0.5')
  expect(leaf.checkHost('elsewhere.lan')).toBeUndefined()
})

describe('S70: the keys of the authority', () => {
  test('are readable by their owner alone', async () => {
    await authority.trust()
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  test.each(['.', 'root-1.key'])('are refused at start when others can read %s', async (name) => {
    await authority.trust()
    await authority.stop()
    chmodSync(join(folder, name), 0o744)
    await expect(start()).rejects.toMatchObject({
      code: 'pki.failed',
      message: expect.stringContaining('found 744'),
    })
    chmodSync(join(folder, name), 0o700)
    authority = await start()
  })

  test('live in a process of their own, and its end is told', async () => {
    await authority.stop()
    await expect(authority.trust()).rejects.toMatchObject({ code: 'pki.failed' })
  })
})
