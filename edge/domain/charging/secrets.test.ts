import { describe, expect, test } from 'vitest'
import { MASK, withoutSecrets } from './secrets.ts'

const SECRET = 'hunter2-0123456789'
const ONCE = 'x'.repeat(43)

describe('a request on record', () => {
  test.each<[string, object]>([
    ['our own word for a password', { name: 'SecurityCtrlr.BasicAuthPassword', value: SECRET }],
    ['a key of OCPP 1.6', { key: 'AuthorizationKey', value: SECRET }],
    ["a vendor's key", { key: 'WifiPSK_Secret', value: SECRET }],
    ['the pin of a card', { apn: { apn: 'a', simPin: SECRET, key: SECRET } }],
    ['a private key', { vendorId: 'v', data: { privateKey: [SECRET] } }],
    ['who may upload', { log: 'Diagnostics', location: `ftp://user:${SECRET}@host/path` }],
    ['an address that serves once', { location: `https://depot/files/${ONCE}` }],
  ])('tells no secret of %s', (_, request) => {
    const shown = JSON.stringify(withoutSecrets(request))
    expect(shown).not.toContain(SECRET)
    expect(shown).not.toContain(ONCE)
    expect(shown).toContain(MASK)
  })

  test('hides what this station alone keeps secret', () => {
    const set = { key: 'Door', value: SECRET }
    expect(withoutSecrets(set, ['Door'])).toEqual({ key: 'Door', value: MASK })
    expect(withoutSecrets(set)).toEqual(set)
  })

  test('keeps what is none, and what a secret is called', () => {
    const request = { name: 'HeartbeatInterval', value: '60', evse: 1, none: null, list: [true] }
    expect(withoutSecrets(request)).toEqual(request)
    expect(withoutSecrets({ key: 'AuthorizationKey', readonly: false, value: '1' })).toEqual({
      key: 'AuthorizationKey',
      readonly: false,
      value: MASK,
    })
  })
})
