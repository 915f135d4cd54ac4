import 'reflect-metadata'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import * as x509 from '@peculiar/x509'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FileEvent } from '../../domain/file-facts.ts'
import { DepotFiles } from './station-files.ts'

const { crypto } = globalThis
x509.cryptoProvider.set(crypto)
const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

async function identity(): Promise<{ certificate: string; key: string }> {
  const keys = await crypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm: CURVE,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  })
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { certificate: certificate.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') }
}

let folder: string
let files: DepotFiles
let events: FileEvent[]
let shown: { certificate: string; key: string }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-tls-files-'))
  events = []
  shown = await identity()
  const listen = { host: '127.0.0.1', port: 0 }
  files = new DepotFiles({
    clock: new FakeClock(),
    listen,
    secure: { listen, identity: shown },
    hosts: { plain: '127.0.0.1', secure: 'localhost' },
    isSecure: () => true,
    allowed: [],
    csms: [],
    inbox: { folder: join(folder, 'inbox'), mostEach: 1e6, mostAll: 1e6 },
    shelf: { folder: join(folder, 'shelf'), mostEach: 1e6, mostAll: 1e6 },
    keepDays: 1,
    files: () => [],
    images: () => new Map(),
    tell: async (event) => void events.push(event),
    onError: () => undefined,
  })
  await files.start()
})
afterEach(async () => {
  await files.stop()
  await rm(folder, { recursive: true })
})

const address = () => {
  const made = files.inboxFor({ station: as<StationId>('A'), log: 'SecurityLog', request: 1 })
  return 'url' in made ? made.url : expect.fail(made.refused)
}
const leave = (url: string, ca: string, body = 'a log'): Promise<number | string> =>
  new Promise((done) => {
    const upload = request(url, { method: 'POST', ca }, ({ statusCode }) => done(statusCode ?? 0))
    upload.on('error', (error) => done('code' in error ? String(error.code) : error.message))
    upload.end(body)
  })

test('a station that runs over TLS leaves its log over TLS, and sees the certificate of the depot', async () => {
  const url = address()
  expect(url).toMatch(/^https:\/\/localhost:\d+\/files\//)
  expect(await leave(url, shown.certificate)).toBe(201)
  const sha256 = createHash('sha256').update('a log').digest('hex')
  expect(events).toMatchObject([{ fact: 'LogUploaded', data: { station: 'A', sha256 } }])
  expect(await leave(url, shown.certificate)).toBe(404)
})

test('a certificate that was made anew is shown from the next connection on', async () => {
  const next = await identity()
  files.secure(next)
  expect(await leave(address(), shown.certificate)).not.toBe(201)
  expect(await leave(address(), next.certificate)).toBe(201)
})
