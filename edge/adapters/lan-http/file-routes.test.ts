import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BroughtImage, FileRoom, ShelfAnswer } from '../../domain/ports/station-files.ts'
import { type LanDouble, startLan, TOKENS } from './testing/lan-double.ts'
import { problemOf } from './testing/problem-of.ts'

const SHA = 'a'.repeat(64)
const clock = new FakeClock(Date.parse('2026-12-01T12:00:00Z'))
let lan: LanDouble
let brought: (Omit<BroughtImage, 'content'> & { bytes: number; pieces: number })[]
let answer: ShelfAnswer
const room: FileRoom = {
  put: async ({ content, ...of }) => {
    let [bytes, pieces] = [0, 0]
    for await (const piece of content) [bytes, pieces] = [bytes + piece.byteLength, pieces + 1]
    brought.push({ ...of, bytes, pieces })
    return answer
  },
  removeImage: async (image) => image === 'fw',
  read: async (file) =>
    file === 'f1' ? ([new TextEncoder().encode('<script>')] as unknown as AsyncIterable<Uint8Array>) : null,
  removeFile: async (file) => file === 'f1',
}
const added = { image: 'fw', file: 'x', bytes: 3, sha256: SHA, signed: null, by: 'ann' }
beforeEach(async () => {
  brought = []
  answer = { status: 'added', image: added }
  const log = {
    station: 'A',
    file: 'f1',
    name: 'a.log',
    log: 'DiagnosticsLog',
    request: 1,
    bytes: 3,
    sha256: SHA,
  } as never
  lan = await startLan(
    clock,
    {},
    { room, inbox: () => [{ ...(log as object), at: clock.now() } as never], images: () => [] },
  )
})
afterEach(() => lan.stop())

const call = (method: string, path: string, of: RequestInit & { role?: keyof typeof TOKENS } = {}) => {
  const { role = 'engineer', headers, ...init } = of
  const authorization = `Bearer ${TOKENS[role]}`
  return fetch(`${lan.url}/api/v1${path}`, { method, ...init, headers: { authorization, ...headers } })
}
const octets = { 'content-type': 'application/octet-stream' }

describe('a firmware image', () => {
  test('is streamed in, however large, with what proves it', async () => {
    const body = new Uint8Array(5e6)
    const certificate = Buffer.from('PEM').toString('base64')
    const headers = { ...octets, 'busbar-certificate': certificate, 'busbar-signature': 'c2ln' }
    const put = await call('PUT', `/firmware-images/fw?sha256=${SHA}`, { body, headers })
    expect([put.status, await put.json()]).toMatchObject([201, { image: 'fw', signed: false, by: 'ann' }])
    const signed = { certificate: 'PEM', signature: 'c2ln' }
    expect(brought).toMatchObject([{ image: 'fw', sha256: SHA, signed, by: 'the engineer', bytes: 5e6 }])
    expect(brought[0]?.pieces).toBeGreaterThan(1)
  })

  test.each([
    ['taken', 409],
    ['too-large', 413],
    ['wrong', 422],
    ['no-room', 507],
  ] as const)('that is %s is a %i with the reason', async (status, code) => {
    answer = { status, reason: 'so it is' }
    const put = await call('PUT', `/firmware-images/fw?sha256=${SHA}`, { body: 'x', headers: octets })
    expect(await problemOf(put)).toMatchObject({ status: code, detail: 'so it is' })
  })

  test.each([
    ['without a hash', '/firmware-images/fw', {}, 400],
    ['S31: with an MD5', `/firmware-images/fw?sha256=${SHA}&md5=0cc175b9c0f1b6a831c399e269772661`, {}, 400],
    ['with an MD5 for a hash', '/firmware-images/fw?sha256=0cc175b9c0f1b6a831c399e269772661', {}, 400],
    ['with a path for a name', `/firmware-images/..%2f..%2fx?sha256=${SHA}`, {}, 400],
    ['with half a signature', `/firmware-images/fw?sha256=${SHA}`, { 'busbar-signature': 'c2ln' }, 400],
    ['as a form', `/firmware-images/fw?sha256=${SHA}`, { 'content-type': 'text/plain' }, 415],
  ])('%s is refused', async (_, path, headers, status) => {
    const put = await call('PUT', path, { body: 'x', headers: { ...octets, ...headers } })
    expect((await problemOf(put)).status).toBe(status)
    expect(brought).toEqual([])
  })

  test('is put and deleted by engineers, and ordered to a station by them alone', async () => {
    const role = 'operator'
    const put = await call('PUT', `/firmware-images/fw?sha256=${SHA}`, { body: 'x', headers: octets, role })
    expect(put.status).toBe(403)
    expect((await call('DELETE', '/firmware-images/fw', { role })).status).toBe(403)
    expect((await call('DELETE', '/firmware-images/fw')).status).toBe(204)
    expect((await call('DELETE', '/firmware-images/none')).status).toBe(404)
    const order = {
      body: JSON.stringify({ kind: 'update-firmware', image: 'fw' }),
      headers: { 'content-type': 'application/json' },
    }
    expect((await call('POST', '/stations/A-01/commands', { ...order, role })).status).toBe(403)
    expect(lan.inputs.filter(({ type }) => type !== 'access-refused')).toEqual([])
  })
})

describe('a log', () => {
  test('is listed and read by operators, as a download and never as a page', async () => {
    const role = 'operator'
    const list = await call('GET', '/inbox', { role })
    expect(await list.json()).toMatchObject({ files: [{ file: 'f1', station: 'A', name: 'a.log' }] })
    const read = await call('GET', '/inbox/f1', { role })
    expect(await read.text()).toBe('<script>')
    expect(read.headers.get('content-type')).toBe('application/octet-stream')
    expect(read.headers.get('content-disposition')).toMatch(/^attachment/)
    expect(read.headers.get('x-content-type-options')).toBe('nosniff')
    expect((await call('GET', '/inbox/f1', { role: 'viewer' })).status).toBe(403)
    expect((await call('GET', '/inbox/..%2f..%2fdepot.yaml')).status).toBe(404)
  })

  test('is deleted by engineers', async () => {
    expect((await call('DELETE', '/inbox/f1', { role: 'operator' })).status).toBe(403)
    expect((await call('DELETE', '/inbox/f1')).status).toBe(204)
    expect((await call('DELETE', '/inbox/none')).status).toBe(404)
  })
})
