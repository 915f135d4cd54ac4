import { as, type StationId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { amps } from '@busbar/units/electricity.ts'
import { seconds } from '@busbar/units/time.ts'
import { RPCClient } from 'ocpp-rpc'
import { expect, test } from 'vitest'
import { startDepot, station } from './testing/depot-double.ts'

/** The library's typings ask for every option, where it has defaults. */
type Options = ConstructorParameters<typeof RPCClient>[0]
const strict = (endpoint: string, identity: string) =>
  new RPCClient({
    endpoint,
    identity,
    protocols: ['ocpp1.6'],
    strictMode: true,
    reconnect: false,
    pingIntervalMs: 0,
  } as Options)

test('two hundred strict stations connect at once, boot, and obey a limit each', async () => {
  const ids = Array.from({ length: 200 }, (_, n) => `S-${n}`)
  const depot = await startDepot({ clock: new FakeClock(), stations: ids.map((id) => station(id)) })
  const clients = ids.map((id) => strict(`${depot.url}/ocpp`, id))
  for (const client of clients) client.handle('SetChargingProfile', async () => ({ status: 'Accepted' }))
  await Promise.all(clients.map((client) => client.connect()))
  const boot = { chargePointVendor: 'Busbar', chargePointModel: 'Virtual AC 22' }
  const answers = await Promise.all(clients.map((client) => client.call('BootNotification', boot)))
  for (const answer of answers) expect(answer).toMatchObject({ status: 'Accepted' })
  const limited = ids.map((id) =>
    depot.csms.commands.send(
      as<StationId>(id),
      { kind: 'set-default-limit', evse: 1, limit: { limit_a: amps(13.37) } },
      { priority: 'limit', deadline: seconds(30) },
    ),
  )
  for (const answer of await Promise.all(limited)) expect(answer).toEqual({ status: 'accepted' })
  await depot.csms.stop()
  expect(depot.of('station-disconnected')).toHaveLength(200)
})
