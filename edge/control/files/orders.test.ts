import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StationFiles } from '../../domain/ports/station-files.ts'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const station = as<StationId>('A')
const files: StationFiles = {
  inboxFor: () => ({ url: 'http://10.0.0.2:9080/files/one-time' }),
  shelfFor: async () => ({ url: 'http://10.0.0.2:9080/files/one-time' }),
  allows: () => false,
}
let stage: Stage
beforeEach(async () => {
  stage = new Stage({
    clock: new FakeClock(),
    site: exampleSite([exampleCircuit('grid', { ratingA: 63 })], [exampleEvse('A', 'grid')]),
  })
  await stage.start()
  await stage.join('A')
  stage.said.splice(0)
  stage.control.depot.files = files
})

const wantLog = async () => {
  const span = { oldest: null, latest: null }
  const wanted = { type: 'log-wanted', station, log: 'DiagnosticsLog', ...span, by: 'ann' } as const
  const { outcome } = stage.control.submit(wanted)
  await stage.settle()
  return outcome
}
const tell = (name: string, value: string) =>
  stage.control.submit({
    ...{
      type: 'variables-told',
      station,
      source: 'report',
      request: null,
      part: null,
      more: false,
      flawed: false,
    },
    variables: [
      {
        component: { name: 'Settings', instance: null, evse: null, connector: null },
        variable: { name, instance: null },
        attributes: [{ type: 'Actual', value, mutability: 'ReadOnly' }],
      },
    ],
  })
const left = () => stage.said.map(({ command }) => command.kind)

describe('an order for a log', () => {
  test('tells the station an address that stands on no record', async () => {
    expect(await wantLog()).toMatchObject({ status: 'accepted' })
    expect(stage.said.at(-1)?.command).toMatchObject({
      kind: 'get-log',
      to: { location: 'http://10.0.0.2:9080/files/one-time', retries: 2 },
    })
    expect(JSON.stringify(await stage.facts('CommandReceived'))).not.toContain('one-time')
  })

  test.each([
    ['SupportedFileTransferProtocols', 'FTP'],
    ['FileTransferProtocols', 'ftp, SFTP'],
  ])('is refused with the reason where %s tells %s alone', async (name, value) => {
    tell(name, value)
    expect(await wantLog()).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining('no FTP here'),
    })
    expect(left()).toEqual([])
  })

  test('goes to a station that knows HTTP among others', async () => {
    tell('SupportedFileTransferProtocols', 'FTP,HTTP')
    expect(await wantLog()).toMatchObject({ status: 'accepted' })
  })

  test('is refused where the depot takes no files, and not sent to a station that is away', async () => {
    stage.control.depot.files = null
    expect(await wantLog()).toMatchObject({
      status: 'rejected',
      reason: expect.stringContaining('not configured'),
    })
    stage.control.depot.files = files
    stage.control.depot.links.delete(station)
    expect(await wantLog()).toMatchObject({ status: 'not-sent' })
    expect(left()).toEqual([])
  })

  test('has a number of its own, also within one second', async () => {
    await wantLog()
    await wantLog()
    const numbers = stage.said.map(({ command }) => ('request' in command ? command.request : 0))
    expect(new Set(numbers).size).toBe(2)
  })
})
