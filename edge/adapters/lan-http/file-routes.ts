import { Readable } from 'node:stream'
import {
  FirmwareImageName,
  FirmwareImageQuery,
  FirmwareImagesView,
  type FirmwareImageView,
  FirmwareImageView as ImageView,
  type InboxFileView,
  InboxView,
} from '@busbar/contracts/lan-api/files.ts'
import type { Clock } from '@busbar/model/clock.ts'
import { toIso } from '@busbar/units/time.ts'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { FirmwareImage, InboxFile } from '../../domain/file-records.ts'
import type { FileRoom, ShelfAnswer } from '../../domain/ports/station-files.ts'
import type { Caller } from './access.ts'
import { problem } from './problem.ts'
import { failed, json, writing } from './schemas.ts'

export interface FilesApi {
  readonly clock: Clock
  readonly files: {
    /** Null: this depot takes and gives no files. */
    readonly room: FileRoom | null
    readonly inbox: () => Iterable<InboxFile>
    readonly images: () => Iterable<FirmwareImage>
  }
}

const file = z.object({ file: z.string().max(64) })
const image = z.object({ image: FirmwareImageName })
const octets = { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } }
const signature = z.object({
  'busbar-certificate': z
    .string()
    .max(12_000)
    .optional()
    .describe('certificate of who signed it: its PEM in base64'),
  'busbar-signature': z
    .string()
    .max(2000)
    .optional()
    .describe('signature over the content in base64: SHA-256 with RSA-PSS or ECDSA'),
})
const routes = {
  inbox: createRoute({
    method: 'get',
    path: '/api/v1/inbox',
    responses: { 200: json(InboxView, 'Logs that stations left here, newest first') },
  }),
  readFile: createRoute({
    method: 'get',
    path: '/api/v1/inbox/{file}',
    request: { params: file },
    responses: {
      200: { description: 'The log as it came', content: octets },
      404: failed('No such file'),
    },
  }),
  removeFile: createRoute({
    method: 'delete',
    path: '/api/v1/inbox/{file}',
    request: { params: file },
    responses: { 204: { description: 'Gone' }, 404: failed('No such file'), ...writing },
  }),
  images: createRoute({
    method: 'get',
    path: '/api/v1/firmware-images',
    responses: { 200: json(FirmwareImagesView, 'Images that stations may be given') },
  }),
  putImage: createRoute({
    method: 'put',
    path: '/api/v1/firmware-images/{image}',
    request: {
      params: image,
      query: FirmwareImageQuery,
      headers: signature,
      body: { required: true, content: octets },
    },
    responses: {
      201: json(ImageView, 'On the shelf'),
      409: failed('There is an image of that name'),
      404: failed('This depot gives no files'),
      413: failed('It is too large'),
      415: failed('Only application/octet-stream is taken'),
      422: failed('It is not what it is said to be: its hash, signature or certificate does not fit'),
      507: failed('There is no room for it'),
      ...writing,
    },
  }),
  removeImage: createRoute({
    method: 'delete',
    path: '/api/v1/firmware-images/{image}',
    request: { params: image },
    responses: { 204: { description: 'Gone' }, 404: failed('No such image'), ...writing },
  }),
}

/** The path of a request whose body is an image: streamed, of any size and time, and no JSON. */
export const bringsImage = (method: string, path: string): boolean =>
  method === 'PUT' && /^\/api\/v1\/firmware-images\/[^/]+$/.test(path)

const NO_FILES = { title: 'This depot takes and gives no files', detail: 'files is not configured' }

/** Logs that stations left, and firmware for them. */
export function addFiles(app: OpenAPIHono<Caller>, { clock, files }: FilesApi): void {
  addInbox(app, { clock, files })
  app.openapi(routes.images, (c) =>
    c.json({ at: toIso(clock.now()), images: [...files.images()].map(imageView) }, 200),
  )
  app.openapi(routes.putImage, async (c) => {
    if (files.room === null) return problem(c, 404, NO_FILES)
    if (!c.req.header('content-type')?.startsWith('application/octet-stream'))
      return problem(c, 415, { title: 'Send application/octet-stream' })
    const signed = signedBy(c.req.valid('header'))
    if (signed === 'half')
      return problem(c, 400, {
        title: 'Half a signature',
        detail: 'busbar-certificate and busbar-signature come together',
      })
    const answer = await files.room.put({
      image: c.req.valid('param').image,
      content: contentOf(c),
      sha256: c.req.valid('query').sha256,
      signed,
      by: c.get('actor'),
    })
    if (answer.status === 'added') return c.json(imageView({ ...answer.image, at: clock.now() }), 201)
    return refusal(c, answer)
  })
  app.openapi(routes.removeImage, async (c) => {
    const { image: name } = c.req.valid('param')
    return (await files.room?.removeImage(name, c.get('actor')))
      ? c.body(null, 204)
      : problem(c, 404, { title: 'No such image', detail: name })
  })
}

function addInbox(app: OpenAPIHono<Caller>, { clock, files }: FilesApi): void {
  app.openapi(routes.inbox, (c) => {
    const newest = [...files.inbox()].sort((one, other) => other.at - one.at)
    return c.json({ at: toIso(clock.now()), files: newest.map(fileView) }, 200)
  })
  app.openapi(routes.readFile, async (c) => {
    const { file: id } = c.req.valid('param')
    const content = (await files.room?.read(id)) ?? null
    if (content === null) return problem(c, 404, { title: 'No such file', detail: id })
    // Never shown by a browser, whatever a station put into it.
    const headers = {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${id}"`,
    }
    return c.body(
      Readable.toWeb(Readable.from(content, { objectMode: false })) as ReadableStream,
      200,
      headers,
    )
  })
  app.openapi(routes.removeFile, async (c) => {
    const { file: id } = c.req.valid('param')
    return (await files.room?.removeFile(id, c.get('actor')))
      ? c.body(null, 204)
      : problem(c, 404, { title: 'No such file', detail: id })
  })
}

async function* contentOf(c: Context): AsyncGenerator<Uint8Array> {
  const { body } = c.req.raw
  if (body === null) return
  yield* body as unknown as AsyncIterable<Uint8Array>
}

function signedBy(headers: z.infer<typeof signature>): FirmwareImage['signed'] | 'half' {
  const { 'busbar-certificate': certificate, 'busbar-signature': text } = headers
  if (certificate === undefined && text === undefined) return null
  if (certificate === undefined || text === undefined) return 'half'
  return { certificate: Buffer.from(certificate, 'base64').toString(), signature: text }
}

const STATUS = { taken: 409, 'too-large': 413, 'no-room': 507, wrong: 422 } as const
const refusal = (c: Context, { status, reason }: Exclude<ShelfAnswer, { status: 'added' }>) =>
  problem(c, STATUS[status], { title: 'The image was not taken', detail: reason })

const fileView = ({ at, ...kept }: InboxFile): InboxFileView => ({ ...kept, at: toIso(at) })

const imageView = ({ image: name, bytes, sha256, signed, by, at }: FirmwareImage): FirmwareImageView => ({
  ...{ image: name, bytes, sha256, by },
  signed: signed !== null,
  at: toIso(at),
})
