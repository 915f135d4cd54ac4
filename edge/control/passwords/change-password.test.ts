import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import { withoutSecrets } from '../../domain/charging/secrets.ts'
import { secretsNow, stationSecrets } from '../../domain/charging/station-secrets.ts'
import type { StationAnswer } from '../../domain/commands.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'
import { secretIn } from './raw-secret.ts'

const station = as<StationId>('A')
let stage: Stage
let made: number
let refreshed: number
beforeEach(async () => {
  stage = new Stage({
    clock: new FakeClock(),
    site: exampleSite([exampleCircuit('grid', { ratingA: 63 })], [exampleEvse('A', 'grid')]),
  })
  await stage.start()
  await stage.join('A')
  made = 0
  refreshed = 0
  stage.control.depot.roster = {
    secure: true,
    refresh: () => void refreshed++,
    configured: () => 'old',
    newSecret: () => ({ text: `secret-${++made}`, sha256: `new-${made}` }),
    hashOf: () => 'raw',
  }
})

const change = async (answer: StationAnswer) => {
  stage.reply = ({ command }) => (command.kind === 'change-password' ? answer : { status: 'accepted' })
  const { outcome } = stage.control.submit({ type: 'password-wanted', station, by: 'ann' })
  await stage.settle()
  return outcome
}
const comes = (secret: string) => {
  const link = { station, connection: 9, protocol: 'ocpp1.6', remoteAddress: 'x' }
  stage.control.submit({ type: 'station-connected', ...link, secret })
}
const letIn = () => {
  const { current, offered } = secretsNow(
    stage.control.depot.memory.table(stationSecrets).get(station),
    'old',
  )
  return [current, ...offered]
}
const LOST: StationAnswer = { status: 'unanswered', reason: 'timeout', detail: '' }

describe('a new secret', () => {
  test('lets the station in beside the old one before it leaves', async () => {
    let whenSent: unknown[] = []
    stage.reply = ({ command }) => {
      if (command.kind === 'change-password') whenSent = letIn()
      return { status: 'accepted' }
    }
    stage.control.submit({ type: 'password-wanted', station, by: 'ann' })
    await stage.settle()
    expect(whenSent).toEqual(['old', 'new-1'])
    expect(refreshed).toBe(2)
  })

  test.each([
    ['accepted', { status: 'accepted' }, ['old', 'new-1'], ['old', 'new-1']],
    ['refused', { status: 'rejected', reason: 'Rejected' }, ['old'], ['old']],
    ['lost on the way', LOST, ['old', 'new-1'], ['old']],
  ] as const)('that is %s, when the station comes with the old one', async (_, answer, before, after) => {
    await change(answer)
    expect(letIn()).toEqual(before)
    comes('old')
    expect(letIn()).toEqual(after)
  })

  test.each([[{ status: 'accepted' }], [LOST]] as const)(
    'that was %j is the only one once it is used',
    async (answer) => {
      await change(answer)
      comes('new-1')
      expect(letIn()).toEqual(['new-1'])
      await change({ status: 'accepted' })
      comes('new-2')
      expect(letIn()).toEqual(['new-2'])
    },
  )

  test('counts no more when the configuration names another one', async () => {
    await change({ status: 'accepted' })
    comes('new-1')
    const row = stage.control.depot.memory.table(stationSecrets).get(station)
    expect(secretsNow(row, 'newer')).toEqual({ current: 'newer', offered: [] })
  })

  test('is not sent once several were never used, nor to a station that needs none or is away', async () => {
    for (let n = 0; n < 4; n++)
      expect(await change({ status: 'accepted' })).toMatchObject({ status: 'accepted' })
    expect(await change({ status: 'accepted' })).toMatchObject({ status: 'rejected' })
    const { roster } = stage.control.depot
    stage.control.depot.roster = roster && { ...roster, configured: () => null }
    expect(await change({ status: 'accepted' })).toMatchObject({ reason: 'it is let in without a secret' })
    stage.control.submit({ type: 'station-disconnected', station, connection: 1, reason: 'x' })
    stage.control.depot.links.delete(station)
    await stage.pass(seconds(1))
    expect(await change({ status: 'accepted' })).toMatchObject({ status: 'not-sent' })
  })
})

describe('a secret in a request of an engineer', () => {
  const answering = (attributeStatus: string) => {
    const [{ component, variable } = expect.unreachable()] = set('BasicAuthPassword').setVariableData
    const setVariableResult = [
      { attributeStatus: 'Accepted', component: { name: 'X' }, variable: { name: 'Y' } },
      { attributeStatus, component, variable },
    ]
    stage.reply = () => ({ status: 'accepted', response: { setVariableResult } })
  }

  test.each([
    ['Rejected', ['old']],
    ['UnknownVariable', ['old']],
    ['Accepted', ['old', 'raw']],
    ['RebootRequired', ['old', 'raw']],
    ['SomethingElse', ['old', 'raw']],
  ])('lets nobody in by it once the station has said of it: %s', async (word, after) => {
    answering(word)
    const payload = set('BasicAuthPassword')
    const request = { type: 'ocpp-request', station, action: 'SetVariables', payload, by: 'ann' } as const
    stage.control.submit(request)
    await stage.settle()
    expect(letIn()).toEqual(after)
  })

  const set = (...names: string[]) => ({
    setVariableData: names.map((name) => ({
      attributeValue: 'printable-text-0123',
      component: { name: 'SecurityCtrlr' },
      variable: { name },
    })),
  })

  test.each([
    ['ChangeConfiguration', { key: 'authorizationkey', value: '00ff' }, { hex: '00ff' }],
    ['ChangeConfiguration', { key: 'AuthorizationKey', value: 'text' }, { text: 'text' }],
    ['ChangeConfiguration', { key: 'HeartbeatInterval', value: '10' }, null],
    ['SetVariables', set('BasicAuthPassword'), { text: 'printable-text-0123' }],
    ['SetVariables', set('Identity'), null],
    ['GetVariables', set('BasicAuthPassword'), null],
  ])('%s %j is found, and stands on no record', (action, payload, found) => {
    expect(secretIn({ action, payload })).toEqual(found)
    if (found !== null) expect(JSON.stringify(withoutSecrets(payload))).not.toMatch(/00ff|"text"|printable/)
  })
})
