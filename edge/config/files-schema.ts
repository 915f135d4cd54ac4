import { z } from 'zod'
import { listen } from './words.ts'

const megabytes = z.int().min(1)

/** Where stations leave logs and fetch firmware. */
export const files = z.strictObject({
  listen: listen.describe('plain HTTP, for stations that connect without TLS'),
  tls: z
    .strictObject({ listen })
    .optional()
    .describe(
      'HTTPS, for stations that connect over TLS, with the certificate of ocpp.tls; absent: they get no file',
    ),
  host: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'a host name or an address')
    .optional()
    .describe('by which stations reach this depot over plain HTTP; absent: the address listened on'),
  upload_max_mb: megabytes.default(200).describe('largest log that is taken'),
  inbox_max_mb: megabytes.default(2000).describe('disk for logs; above it the oldest go first'),
  keep_days: z.int().min(1).max(3650).default(30).describe('after which a log is deleted'),
  image_max_mb: megabytes.default(1000).describe('largest firmware image that is taken'),
  shelf_max_mb: megabytes
    .default(4000)
    .describe('disk for firmware images; when it is full no more are taken'),
  allowed_hosts: z
    .array(
      z.strictObject({
        scheme: z.enum(['https', 'http', 'ftps', 'ftp', 'sftp', 'wss', 'ws']),
        host: z
          .string()
          .regex(
            /^([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/,
            'a host in lower case, with its port if it has one',
          ),
      }),
    )
    .default([])
    .describe(
      'hosts, beside this depot, that an engineer may send stations to for firmware; nothing is resolved here',
    ),
})

interface FilesConfig {
  readonly ocpp: { readonly tls?: object | undefined }
  readonly files?: z.infer<typeof files> | undefined
}

/** Addresses of this machine itself, and of what answers to any machine's link: never where a station is sent. */
const NOBODYS = /^(localhost|127\.|0\.|169\.254\.|\[::1?\]|\[fe80:)/

/** What the settings of files say against the others; each as the path below `files` and what was expected. */
export function filesFaults({
  ocpp,
  files: of,
}: FilesConfig): readonly { readonly at: readonly (string | number)[]; readonly expected: string }[] {
  if (of === undefined) return []
  const faults: { at: readonly (string | number)[]; expected: string }[] = []
  if (/^(0\.0\.0\.0|::)$/.test(of.listen.host) && of.host === undefined)
    faults.push({ at: ['host'], expected: 'a name or address, since it listens on all of them' })
  if (of.tls !== undefined && ocpp.tls === undefined)
    faults.push({ at: ['tls'], expected: 'ocpp.tls, whose certificate it shows' })
  if (of.upload_max_mb > of.inbox_max_mb)
    faults.push({ at: ['upload_max_mb'], expected: `at most inbox_max_mb, ${of.inbox_max_mb}` })
  if (of.image_max_mb > of.shelf_max_mb)
    faults.push({ at: ['image_max_mb'], expected: `at most shelf_max_mb, ${of.shelf_max_mb}` })
  of.allowed_hosts.forEach(({ host }, index) => {
    if (NOBODYS.test(host))
      faults.push({
        at: ['allowed_hosts', index, 'host'],
        expected: 'a host that stations reach, not one of themselves',
      })
  })
  return faults
}
