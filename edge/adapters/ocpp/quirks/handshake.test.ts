import { createHash } from 'node:crypto'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import type { QuirkValues } from '../../../profiles/quirk-values.ts'
import { type DepotDouble, startDepot, station } from '../testing/depot-double.ts'
import { profilesWith } from '../testing/odd-profiles.ts'
import { connect } from '../testing/raw-station.ts'
import { exchange, upgradeRequest } from '../testing/raw-tcp.ts'

const SECRET = Buffer.from('8badf00d8badf00d8badf00d8badf00d', 'hex')
const clock = new FakeClock()
let depot: DepotDouble
afterEach(() => depot.csms.stop())

/** A depot with one station, which has these quirks or none. */
async function depotFor(quirks: QuirkValues | null): Promise<void> {
  depot = await startDepot({
    clock,
    stations: [
      {
        ...station('CP1', createHash('sha256').update(SECRET).digest('hex')),
        profile: quirks === null ? null : 'odd',
      },
    ],
    profiles: profilesWith(quirks ?? {}),
  })
}

const basic = (user: string, secret: Buffer | string) =>
  `Basic ${Buffer.concat([Buffer.from(`${user}:`), Buffer.from(secret as string)]).toString('base64')}`
const usual = { authorization: basic('CP1', SECRET) }
type Headers = Readonly<Record<string, string>>

const ODD: readonly [keyof QuirkValues, QuirkValues, string, Headers, RegExp][] = [
  ['handshake.identity-from', { 'handshake.identity-from': 'basic-user' }, '/', usual, / 400 /],
  [
    'handshake.user-case',
    { 'handshake.user-case': 'ignore' },
    '/CP1',
    { authorization: basic('cp1', SECRET) },
    / 401 /,
  ],
  [
    'handshake.password-encoding',
    { 'handshake.password-encoding': 'hex-text' },
    '/CP1',
    { authorization: basic('CP1', SECRET.toString('hex')) },
    / 401 /,
  ],
  [
    'handshake.allow-origin',
    { 'handshake.allow-origin': 'file://' },
    '/CP1',
    { ...usual, Origin: 'file://' },
    / 403 /,
  ],
]

describe.each(ODD)('%s', (_key, quirks, path, headers, refusal) => {
  test('lets its station in', async () => {
    await depotFor(quirks)
    const client = await connect(`${depot.url}${path}`, { headers })
    expect((await client.call('Heartbeat', {}))[0]).toBe(3)
    expect(depot.of('station-connected')).toMatchObject([{ station: 'CP1' }])
    await client.close()
  })

  test('without it the same request is refused', async () => {
    await depotFor(null)
    expect(await exchange(depot.url, upgradeRequest(path, headers))).toMatch(refusal)
    expect(depot.inputs).toEqual([])
  })

  test('with it a wrong secret is still refused', async () => {
    await depotFor(quirks)
    const wrong = { ...headers, authorization: basic('CP1', 'no-secret-of-this-station') }
    expect(await exchange(depot.url, upgradeRequest(path, wrong))).toMatch(/^HTTP\/1.1 40[01] /)
  })
})

test('handshake.assume-protocol: without it a station that offers nothing is turned away, with it another version is', async () => {
  await depotFor(null)
  const stranger = await connect(`${depot.url}/CP1`, { protocols: [], headers: usual })
  expect(await stranger.closed).toBe(1002)
  await depot.csms.stop()
  await depotFor({ 'handshake.assume-protocol': 'ocpp1.6' })
  const old = await connect(`${depot.url}/CP1`, { protocols: ['ocpp1.2'], headers: usual }).catch(() => null)
  if (old) expect(await old.closed).toBe(1002)
  expect(depot.of('station-connected')).toEqual([])
})

describe('liveness.proof: a station that never answers a ping', () => {
  test('keeps its name against a second one while it has spoken lately, and loses it after', async () => {
    await depotFor({ 'liveness.proof': 'any-frame' })
    const first = await connect(`${depot.url}/CP1`, { autoPong: false, headers: usual })
    await first.call('Heartbeat', {})
    expect(await exchange(depot.url, upgradeRequest('/CP1', usual))).toMatch(/^HTTP\/1.1 409 /)
    clock.advance(seconds(91))
    const second = await connect(`${depot.url}/CP1`, { headers: usual })
    expect((await second.call('Heartbeat', {}))[0]).toBe(3)
    await first.closed
    await second.close()
  })
})

test('S02: handshake.identity-from: guesses at a station count for it, whatever path they come by', async () => {
  await depotFor({ 'handshake.identity-from': 'basic-user' })
  const ask = (path: string, secret: Buffer | string) =>
    exchange(depot.url, upgradeRequest(path, { Authorization: basic('CP1', secret) }))
  for (let tried = 0; tried < 10; tried++) expect(await ask(`/path-${tried}`, 'wrong')).toMatch(/ 401 /)
  expect(depot.events.filter(({ kind }) => kind === 'guessing')).toMatchObject([{ station: 'CP1' }])
  expect(await ask('/another', SECRET)).toMatch(/ 401 /)
  clock.advance(seconds(2))
  await (await connect(`${depot.url}/another`, { headers: usual })).close()
})
