import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MASK } from '../../domain/charging/secrets.ts'
import { textWithoutSecrets } from './redact.ts'

const SECRET = 'hunter2-0123456789'
const frame = (action: string, payload: object) => JSON.stringify([2, '1', action, payload])

describe('a frame in the message log', () => {
  test.each<[string, string, object]>([
    ['1.6 password change', 'ChangeConfiguration', { key: 'AuthorizationKey', value: SECRET }],
    ['a vendor setting', 'ChangeConfiguration', { key: 'WifiPassword', value: SECRET }],
    [
      '2.0.1 password change',
      'SetVariables',
      {
        setVariableData: [
          {
            attributeValue: SECRET,
            component: { name: 'SecurityCtrlr' },
            variable: { name: 'BasicAuthPassword' },
          },
        ],
      },
    ],
    [
      'a device model report',
      'NotifyReport',
      {
        reportData: [
          { variable: { name: 'BasicAuthPassword' }, variableAttribute: [{ type: 'Actual', value: SECRET }] },
        ],
      },
    ],
    [
      'a network profile',
      'SetNetworkProfile',
      { connectionData: { vpn: { server: 'x', user: 'u', password: SECRET, key: SECRET } } },
    ],
    ['an upload address', 'GetDiagnostics', { location: `ftp://user:${SECRET}@host/path` }],
  ])('tells no secret of %s', (_what, action, payload) => {
    const shown = textWithoutSecrets(frame(action, payload), action)
    expect(shown).not.toContain(SECRET)
    expect(shown).toContain(MASK)
    expect(JSON.parse(shown).slice(0, 3)).toEqual([2, '1', action])
  })

  test('masks the value that a station tells of its key, and nothing beside it', () => {
    const result = JSON.stringify([
      3,
      '1',
      {
        configurationKey: [
          { key: 'AuthorizationKey', readonly: false, value: SECRET },
          { key: 'HeartbeatInterval', readonly: false, value: '60' },
        ],
      },
    ])
    expect(JSON.parse(textWithoutSecrets(result, 'GetConfiguration'))[2].configurationKey).toEqual([
      { key: 'AuthorizationKey', readonly: false, value: MASK },
      { key: 'HeartbeatInterval', readonly: false, value: '60' },
    ])
  })

  test('that is no JSON and may hold a secret is kept only in its head', () => {
    expect(textWithoutSecrets(`${'x'.repeat(50)} password=${SECRET}`, null)).not.toContain(SECRET)
  })

  test('without a secret stands as it came', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('status', 'idTag', 'meterStart'), fc.integer()),
        (payload) => {
          const text = frame('StatusNotification', payload)
          expect(textWithoutSecrets(text, 'StatusNotification')).toBe(text)
        },
      ),
    )
  })
})
