import { describe, expect, test } from 'vitest'
import { files, filesFaults } from './files-schema.ts'

const listen = { host: '10.0.0.2', port: 9080 }
const faults = (of: object, tls?: object) => {
  const parsed = files.safeParse({ listen, ...of })
  if (!parsed.success) return parsed.error.issues.map(({ path }) => path.join('.'))
  return filesFaults({ ocpp: { tls }, files: parsed.data }).map(({ at }) => at.join('.'))
}

describe('the settings of files', () => {
  test('need no more than where to listen', () => {
    expect(faults({})).toEqual([])
    expect(filesFaults({ ocpp: {} })).toEqual([])
  })

  test.each<[string, object, string[]]>([
    ['listening everywhere under no name', { listen: { host: '0.0.0.0', port: 1 } }, ['host']],
    ['TLS without a certificate', { tls: { listen } }, ['tls']],
    ['a log larger than the inbox', { upload_max_mb: 10, inbox_max_mb: 5 }, ['upload_max_mb']],
    ['an image larger than the shelf', { image_max_mb: 10, shelf_max_mb: 5 }, ['image_max_mb']],
    [
      'a host of the machine itself',
      { allowed_hosts: [{ scheme: 'http', host: '127.0.0.1' }] },
      ['allowed_hosts.0.host'],
    ],
    [
      'a host of any link',
      { allowed_hosts: [{ scheme: 'http', host: '169.254.169.254' }] },
      ['allowed_hosts.0.host'],
    ],
    [
      'a path for a host',
      { allowed_hosts: [{ scheme: 'https', host: 'a.example/x' }] },
      ['allowed_hosts.0.host'],
    ],
    [
      'a scheme that is none',
      { allowed_hosts: [{ scheme: 'file', host: 'a.example' }] },
      ['allowed_hosts.0.scheme'],
    ],
  ])('refuse %s', (_, of, at) => {
    expect(faults(of)).toEqual(at)
  })

  test('take TLS beside that of the stations', () => {
    expect(faults({ tls: { listen } }, {})).toEqual([])
  })
})
