import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { instant } from '@busbar/units/time.ts'
import { beforeEach, expect, test } from 'vitest'
import { exampleCircuit, exampleEvse, exampleSite } from '../../domain/site/example-site.ts'
import { Stage } from '../testing/stage.ts'

const site = exampleSite([exampleCircuit('grid', { ratingA: 200 })], [exampleEvse('A', 'grid')])
const station = as<StationId>('A')
const CSR = '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----'

let stage: Stage
beforeEach(async () => {
  stage = new Stage({ clock: new FakeClock(), site })
  await stage.start()
  await stage.join('A')
})

test('steps of an update and of an upload are facts, odd ones flagged', async () => {
  const update = { station, status: 'Installed', request: 4, flag: null }
  const upload = {
    station,
    log: 'DiagnosticsLog',
    status: 'Sideways',
    request: null,
    flag: 'an unknown status',
  } as const
  await stage.control.submit({ type: 'firmware-status', ...update }).durable
  await stage.control.submit({ type: 'log-status', ...upload }).durable
  expect(await stage.facts('FirmwareStatusReported')).toEqual([update])
  expect(await stage.facts('LogStatusReported')).toEqual([upload])
})

test('a security event is a fact with the time at which it happened, however old', async () => {
  const time = { at: instant(5000), stated: 'then', clock: 'synced' } as const
  const event = { station, event: 'FirmwareUpdated', info: 'x', flag: null }
  await stage.control.submit({ type: 'security-event', ...event, time }).durable
  expect(await stage.facts('SecurityEventReported')).toEqual([{ ...event, since: 5000 }])
})

test('TC_074: a readable request for a certificate is accepted and kept; anything else is refused, and kept as well', async () => {
  const ask = (csr: string) =>
    stage.control.submit({ type: 'certificate-requested', station, csr, use: 'ChargingStationCertificate' })
  expect(ask(CSR).outcome).toEqual({ status: 'Accepted' })
  for (const csr of [
    '',
    'hello',
    `${CSR}\nmore`,
    CSR.replace('MIIB', 'A'.repeat(6000)),
    CSR.replace('MIIB', '<script>'),
  ])
    expect(ask(csr).outcome).toEqual({ status: 'Rejected' })
  await stage.settle()
  const kept = await stage.facts('CertificateRequested')
  expect(kept.map(({ answer, reason }) => [answer, reason])).toEqual([
    ['Accepted', null],
    ['Rejected', 'no certificate request in PEM'],
    ['Rejected', 'no certificate request in PEM'],
    ['Rejected', 'no certificate request in PEM'],
    ['Rejected', 'longer than 5500 characters'],
    ['Rejected', 'no certificate request in PEM'],
  ])
  expect(kept[0]?.csr).toBe(CSR)
  expect(kept[4]?.csr).toHaveLength(5500)
})
