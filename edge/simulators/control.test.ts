import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadMeterProfiles } from '../profiles/load-meter-profiles.ts'
import { type Control, startControl } from './control.ts'
import { startVirtualMeter, type VirtualMeter } from './meter/virtual-meter.ts'
import { seededRandom } from './random.ts'
import { VirtualStation } from './station/virtual-station.ts'

let meter: VirtualMeter
const station = new VirtualStation(
  { id: 'A-01', rating: { kind: 'ac', value: 32, phases: 3 }, rotation: ['l1', 'l2', 'l3'], secret: '' },
  {
    clock: new FakeClock(),
    random: seededRandom(1),
    ocppUrl: '',
    record: () => undefined,
    acknowledged: () => undefined,
  },
)
const stations = new Map([['A-01', station]])
let control: Control
let url: string

beforeAll(async () => {
  const profile = (await loadMeterProfiles('firmware-profiles/meters')).get('janitza-umg')
  if (!profile) throw new TypeError('no profile')
  const phases = { l1: 0, l2: 0, l3: 0 }
  const still = {
    currentA: phases,
    voltageV: phases,
    powerFactor: 1,
    frequencyHz: 50,
    importWh: 0,
    exportWh: 0,
  }
  meter = await startVirtualMeter({ profile, host: '127.0.0.1', port: 0, unit: 1, picture: () => still })
  control = await startControl({ lines: () => new Map([['site', meter]]), stations: () => stations }, 0)
  url = `http://127.0.0.1:${control.port}/faults`
})
afterAll(async () => {
  await control.stop()
  await meter.stop()
})

const post = (body: unknown, type = 'application/json') =>
  fetch(url, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(body) })
const told = async () => (await fetch(url)).json()

test('a fault is injected, told and ended', async () => {
  const answer = await post({ kind: 'lateReply', delayMs: 700, every: 2 })
  expect(answer.status).toBe(201)
  const { id } = (await answer.json()) as { id: string }
  expect(await told()).toMatchObject([
    { line: 'site', port: meter.port, in_force: [{ id, kind: 'lateReply', delayMs: 700, every: 2 }] },
  ])
  expect((await fetch(`${url}/${id}`, { method: 'DELETE' })).status).toBe(204)
  expect(await told()).toMatchObject([{ in_force: [], log: [{ what: 'began' }, { what: 'ended' }] }])
})

test('all are ended at once', async () => {
  await post({ line: 'site', kind: 'dropReply' })
  await post({ kind: 'ctReversed', phase: 'l2' })
  expect(meter.faults.inForce()).toHaveLength(2)
  await fetch(url, { method: 'DELETE' })
  expect(meter.faults.inForce()).toEqual([])
})

test.each([
  [400, 'no line "attic"; there are site', () => post({ line: 'attic', kind: 'dropReply' })],
  [400, 'fault "ctReversed": phase: ', () => post({ kind: 'ctReversed', phase: 'l4' })],
  [
    400,
    'JSON',
    () => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }),
  ],
  [400, 'too long', () => post({ kind: 'garbagePrefix', hex: '00'.repeat(6000) })],
  [415, 'application/json', () => post({ kind: 'dropReply' }, 'text/plain')],
  [405, 'GET, POST or DELETE', () => fetch(url, { method: 'PUT' })],
  [404, 'only /faults and /quirks', () => fetch(url.replace('faults', 'meters'))],
])('%d: %s', async (status, detail, ask) => {
  const answer = await ask()
  expect(answer.status).toBe(status)
  expect(((await answer.json()) as { detail: string }).detail).toContain(detail)
  expect(meter.faults.inForce()).toEqual([])
})

test('a port in use is named', async () => {
  await expect(
    startControl({ lines: () => new Map(), stations: () => new Map() }, control.port),
  ).rejects.toMatchObject({
    code: 'simulator.control-port',
    message: expect.stringContaining(String(control.port)),
  })
})

const patch = (id: string, body: unknown, type = 'application/json') =>
  fetch(`http://127.0.0.1:${control.port}/quirks/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': type },
    body: JSON.stringify(body),
  })
const quirks = async () => (await fetch(`http://127.0.0.1:${control.port}/quirks`)).json()

test('a station is given a quirk of the station profiles, shows it and loses it again', async () => {
  const given = await patch('A-01', { 'profile.zero': 'ends', 'profile.lost-on-reconnect': true })
  expect([given.status, await given.json()]).toEqual([
    200,
    { 'profile.zero': 'ends', 'profile.lost-on-reconnect': true },
  ])
  await patch('A-01', { 'profile.zero': null })
  expect(await quirks()).toEqual({ 'A-01': { 'profile.lost-on-reconnect': true } })
  await patch('A-01', { 'profile.lost-on-reconnect': null })
})

test.each([
  ['a key that is in no station profile', 'A-01', { 'profile.nought': 1 }, 400, 'profile.nought'],
  ['a value that its key does not have', 'A-01', { 'profile.zero': 'explodes' }, 400, 'profile.zero'],
  ['a station that is not there', 'A-02', {}, 404, 'A-02'],
])('%s is refused and changes nothing', async (_what, id, body, status, detail) => {
  const answer = await patch(id, { 'profile.lost-on-reconnect': true, ...body })
  expect(answer.status).toBe(status)
  expect(((await answer.json()) as { detail: string }).detail).toContain(detail)
  expect(await quirks()).toEqual({ 'A-01': {} })
})

test('quirks that are not sent as JSON are refused', async () => {
  expect((await patch('A-01', { 'profile.zero': 'ends' }, 'text/plain')).status).toBe(415)
  expect(await quirks()).toEqual({ 'A-01': {} })
})
