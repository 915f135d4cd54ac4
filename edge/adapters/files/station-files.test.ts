import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { type Duration, hours, type Instant, seconds } from '@busbar/units/time.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FileEvent } from '../../domain/file-facts.ts'
import type { FirmwareImage, InboxFile } from '../../domain/file-records.ts'
import { sha256Of } from './file-box.ts'
import { DepotFiles, type StationFilesOptions } from './station-files.ts'

const station = as<StationId>('A')
const EACH = 10_000
const clock = new FakeClock()
let folder: string
let events: FileEvent[]
let inbox: Map<string, InboxFile>
let images: Map<string, FirmwareImage>
let files: DepotFiles

const options = (): StationFilesOptions => ({
  clock,
  listen: { host: '127.0.0.1', port: 0 },
  secure: null,
  hosts: { plain: '127.0.0.1', secure: '127.0.0.1' },
  isSecure: (id) => id === 'TLS',
  allowed: [{ scheme: 'https', host: 'maker.example' }],
  csms: [{ scheme: 'ws', host: 'depot:9000' }],
  inbox: { folder: join(folder, 'inbox'), mostEach: EACH, mostAll: 2.5 * EACH },
  shelf: { folder: join(folder, 'shelf'), mostEach: EACH, mostAll: 1.5 * EACH },
  keepDays: 2,
  files: () => inbox.values(),
  images: () => images,
  tell: async (event) => {
    events.push(event)
    const at = clock.now() as Instant
    if (event.fact === 'LogUploaded') inbox.set(event.data.file, { ...event.data, at })
    if (event.fact === 'LogRemoved') inbox.delete(event.data.file)
    if (event.fact === 'FirmwareImageAdded') images.set(event.data.image, { ...event.data, at })
    if (event.fact === 'FirmwareImageRemoved') images.delete(event.data.image)
  },
  onError: () => undefined,
})
const start = async (of: Partial<StationFilesOptions> = {}) => {
  files = new DepotFiles({ ...options(), ...of })
  await files.start()
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'busbar-files-'))
  events = []
  inbox = new Map()
  images = new Map()
  await start()
})
afterEach(async () => {
  await files.stop()
  await rm(folder, { recursive: true })
})

const urlOf = (address: { url: string } | { refused: string }): string =>
  'url' in address ? address.url : expect.fail(address.refused)
const inboxUrl = () => urlOf(files.inboxFor({ station, log: 'DiagnosticsLog', request: 7 }))
const leave = async (url: string, body: string | Uint8Array<ArrayBuffer>) =>
  (await fetch(url, { method: 'PUT', body })).status
async function* pieces(...all: string[]): AsyncGenerator<Uint8Array> {
  for (const each of all) yield new TextEncoder().encode(each)
}
const hashOf = (text: string) => sha256Of(pieces(text))
const bring = async (image: string, text: string) =>
  files.put({ image, content: pieces(text), sha256: await hashOf(text), signed: null, by: 'ann' })
const shelfUrl = async (image: string) =>
  urlOf(
    await files.shelfFor({
      station,
      image: images.get(image) ?? expect.fail('no such image'),
      request: 8,
      withinMs: hours(1),
    }),
  )
const kept = async () => (await readdir(join(folder, 'inbox'))).length

describe('an upload', () => {
  test('is kept once it is there whole, and on record before the station hears so', async () => {
    expect(await leave(inboxUrl(), 'a log')).toBe(201)
    expect(events).toMatchObject([
      { fact: 'LogUploaded', data: { station: 'A', request: 7, bytes: 5, sha256: await hashOf('a log') } },
    ])
  })

  test('in a form is kept without the form, under the name that the form gives it', async () => {
    const form = new FormData()
    form.append('kind', 'diagnostics')
    form.append('file', new Blob(['a log']), '../diag.zip')
    expect((await fetch(inboxUrl(), { method: 'POST', body: form })).status).toBe(201)
    expect([...inbox.values()]).toMatchObject([
      { name: '.._diag.zip', bytes: 5, sha256: await hashOf('a log') },
    ])
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    expect((await fetch(inboxUrl(), { method: 'POST', headers, body: 'no form' })).status).toBe(400)
    expect(await kept()).toBe(1)
  })

  test('to an address works once, in its own way, and to no other address', async () => {
    const url = inboxUrl()
    expect((await fetch(url)).status).toBe(405)
    expect(await leave(url, 'one')).toBe(201)
    expect(await leave(url, 'two')).toBe(404)
    expect(await leave(`${url.slice(0, -3)}xxx`, 'three')).toBe(404)
    expect(await leave(new URL('/files/', url).href, 'four')).toBe(404)
    expect(await leave(new URL('/', url).href, 'five')).toBe(404)
    expect(inbox.size).toBe(1)
  })

  test('to an address of yesterday is refused', async () => {
    const url = inboxUrl()
    clock.advance((hours(24) + 1) as Duration)
    expect(await leave(url, 'late')).toBe(404)
  })

  test.each([
    ['../../../../etc/cron.d/x', 'x'],
    ['..%2f..%2fevil.sh', '.._.._evil.sh'],
    ['%00%0d%0aSet-Cookie: x', '___Set-Cookie_ x'],
  ])('S34: named %s is stored under a name of ours, opaque and not to be run', async (name, shown) => {
    const zip = new Uint8Array([0x50, 0x4b, 3, 4, 0])
    const { port, pathname } = new URL(inboxUrl())
    // Sent as it is: fetch would tidy the path up.
    const path = name.includes('/') ? pathname : `${pathname}/${name.replaceAll(' ', '%20')}`
    const headers = name.includes('/') ? { 'content-disposition': `attachment; filename="${shown}"` } : {}
    const status = await new Promise((done) => {
      request({ port, path, method: 'PUT', headers }, (answer) => done(answer.statusCode)).end(zip)
    })
    expect(status).toBe(201)
    const [entry] = await readdir(join(folder, 'inbox'))
    expect(entry).toMatch(/^[0-9a-f-]{36}$/)
    expect((await stat(join(folder, 'inbox', entry ?? ''))).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['inbox', 'shelf'])
    expect([...inbox.values()]).toMatchObject([{ name: shown, bytes: 5 }])
  })

  test('S34: of ten gigabytes is cut where it is too large, and leaves nothing', async () => {
    const { port, pathname } = new URL(inboxUrl())
    const sent = await new Promise<{ status: number | string; taken: number }>((done) => {
      let taken = 0
      const headers = { 'content-length': 10e9 }
      const upload = request({ port, path: pathname, method: 'PUT', headers }, (answer) =>
        done({ status: answer.statusCode ?? 0, taken }),
      )
      upload.on('error', () => done({ status: 'cut', taken }))
      taken += 5000
      upload.write(Buffer.alloc(5000))
    })
    expect(sent).toEqual({ status: 413, taken: 5000 })
    const stream = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(4000)) })
    const endless = fetch(inboxUrl(), { method: 'PUT', body: stream, duplex: 'half' } as RequestInit)
    await endless.then(
      ({ status }) => expect(status).toBe(413),
      () => undefined,
    )
    await expect.poll(() => events.length).toBe(2)
    expect(events.map(({ fact }) => fact)).toEqual(['LogUploadRefused', 'LogUploadRefused'])
    expect(await kept()).toBe(0)
  })

  test('that breaks off leaves nothing, and may be tried again', async () => {
    const url = inboxUrl()
    const { port, pathname } = new URL(url)
    const upload = request({ port, path: pathname, method: 'PUT', headers: { 'content-length': 100 } })
    upload.on('error', () => undefined)
    await new Promise((done) => upload.write('half', done))
    await expect.poll(kept).toBe(1)
    upload.destroy()
    await expect
      .poll(() => events)
      .toMatchObject([{ fact: 'LogUploadRefused', data: { reason: 'it broke off' } }])
    expect(await kept()).toBe(0)
    expect(await leave(url, 'whole')).toBe(201)
  })

  test('makes room for itself by the oldest, and days take the rest', async () => {
    for (const text of ['1', '2', '3']) {
      expect(await leave(inboxUrl(), text.repeat(9000))).toBe(201)
      clock.advance(seconds(1))
    }
    expect(events.filter(({ fact }) => fact === 'LogRemoved')).toMatchObject([{ data: { cause: 'room' } }])
    expect(await kept()).toBe(2)
    clock.advance(hours(49))
    await expect.poll(kept).toBe(0)
    expect(events.at(-1)).toMatchObject({ data: { cause: 'expired' } })
  })

  test('is refused while the disk is nearly full', async () => {
    await files.stop()
    const { inbox: box } = options()
    await start({ inbox: { ...box, free: async () => 512e6 } })
    expect(await leave(inboxUrl(), 'x')).toBe(507)
    expect(events).toMatchObject([{ data: { reason: 'the disk is nearly full' } }])
  })
})

describe('an image', () => {
  test('is fetched once, whole, by an address for it', async () => {
    expect(await bring('fw', 'an image')).toMatchObject({ status: 'added' })
    const url = await shelfUrl('fw')
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-length')).toBe('8')
    expect(await leave(url, 'x')).toBe(405)
    expect(await (await fetch(url)).text()).toBe('an image')
    await expect
      .poll(() => events.at(-1))
      .toEqual({
        fact: 'FirmwareImageFetched',
        data: { station, image: 'fw', request: 8 },
      })
    expect((await fetch(url)).status).toBe(404)
  })

  test('of a name that is taken, too large, or beyond the room of the shelf is not taken', async () => {
    await bring('fw', 'x'.repeat(9000))
    expect(await bring('fw', 'another')).toMatchObject({ status: 'taken' })
    expect(await bring('big', 'x'.repeat(EACH + 1))).toMatchObject({ status: 'too-large' })
    expect(await bring('more', 'x'.repeat(9000))).toMatchObject({ status: 'no-room' })
    expect(await files.removeImage('fw', 'ann')).toBe(true)
    expect(await files.removeImage('fw', 'ann')).toBe(false)
    expect(await bring('more', 'x'.repeat(9000))).toMatchObject({ status: 'added' })
    expect((await readdir(join(folder, 'shelf'))).length).toBe(1)
  })

  test.each([['no certificate', { certificate: 'x', signature: 'c2ln' }, 'certificate cannot be read']])(
    'S31: signed with %s is refused',
    async (_, signed, reason) => {
      const brought = { image: 'fw', content: pieces('x'), sha256: await hashOf('x'), signed, by: 'ann' }
      expect(await files.put(brought)).toMatchObject({
        status: 'wrong',
        reason: expect.stringContaining(reason),
      })
      expect(events).toMatchObject([{ fact: 'FirmwareImageRefused' }])
    },
  )
})

test('at start, what no record names is deleted, and what is missing goes off record', async () => {
  await leave(inboxUrl(), 'kept')
  await leave(inboxUrl(), 'lost')
  await leave(inboxUrl(), 'unknown')
  await files.stop()
  const [, lost, unknown] = [...inbox.keys()]
  await rm(join(folder, 'inbox', lost ?? ''))
  inbox.delete(unknown ?? '')
  events = []
  await start()
  expect(events).toEqual([
    { fact: 'LogRemoved', data: { station, file: lost, cause: 'lost', by: 'the depot' } },
  ])
  expect(await kept()).toBe(1)
})

test('a station that needs TLS gets no plain address', () => {
  expect(files.inboxFor({ station: as<StationId>('TLS'), log: 'SecurityLog', request: 1 })).toEqual({
    refused: 'TLS runs over TLS, and files.tls is not configured',
  })
})

describe('S30: of addresses that people write', () => {
  const allows = (url: string, use: 'upload' | 'download' | 'csms' = 'download', of = station) =>
    files.allows({ station: of, url, use })

  test('pass those made here for this station and way, and listed hosts for downloads alone', async () => {
    await bring('fw', 'x')
    const url = await shelfUrl('fw')
    expect([allows(url), allows(url, 'upload'), allows(url, 'download', as<StationId>('B'))]).toEqual([
      true,
      false,
      false,
    ])
    expect([allows(inboxUrl(), 'upload'), allows(inboxUrl())]).toEqual([true, false])
    expect(allows('https://maker.example/fw.bin')).toBe(true)
    expect(allows('https://maker.example/fw.bin', 'upload')).toBe(false)
    expect(allows('ws://depot:9000/ocpp/A', 'csms')).toBe(true)
  })

  test.each([
    'http://maker.example/fw.bin',
    'https://maker.example.evil.example/fw.bin',
    'https://maker.example:8443/fw.bin',
    'https://maker.example\\@evil.example/',
    'https://evil.example/\\@maker.example',
    'https://maker.example@evil.example/',
    'https://maker.example\n.evil.example/',
    ' https://maker.example/',
    'https:maker.example',
    '//maker.example/fw.bin',
    'file:///etc/passwd',
    'ws://depot:9000/ocpp/A',
    'javascript:alert(1)',
    '',
  ])('%j does not', (url) => {
    expect(allows(url)).toBe(false)
  })
})

describe('a download whose file is gone from the disk', () => {
  let url: string
  beforeEach(async () => {
    await bring('fw', 'x'.repeat(100))
    url = await shelfUrl('fw')
    const [image = expect.unreachable()] = images.values()
    await rm(join(folder, 'shelf', image.file))
  })

  test('is asked about without a file being opened', async () => {
    for (let n = 0; n < 3; n++) {
      const { status, headers } = await fetch(url, { method: 'HEAD' })
      expect([status, headers.get('content-length')]).toEqual([200, '100'])
    }
  })

  test('breaks off and leaves the address free', async () => {
    const get = () => fetch(url).then((answer) => answer.arrayBuffer())
    await expect(get()).rejects.toThrow()
    // Not 404, as it is while another transfer is under way.
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200)
  })
})
