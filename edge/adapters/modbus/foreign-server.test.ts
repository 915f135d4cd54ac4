import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { as } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { turns, until } from '@busbar/testing/rtu-peer.ts'
import { amps, volts, watts } from '@busbar/units/electricity.ts'
import { milliseconds, seconds } from '@busbar/units/time.ts'
import jsmodbus from 'jsmodbus'
import { afterEach, expect, test } from 'vitest'
import type { MeterResult } from '../../domain/ports/meter-readings.memory.ts'
import { loadMeterProfiles } from '../../profiles/load-meter-profiles.ts'
import { createModbusMeters } from './modbus-meters.ts'

// A Modbus server by other people, with a codec of its own: what it serves, we must read as its author meant it.

const folder = 'firmware-profiles/meters'
const profiles = await loadMeterProfiles(folder)
const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

interface Dump {
  readonly blocks: readonly { readonly functionCode: 3 | 4; readonly addr: number; readonly words: string }[]
  readonly values: Readonly<Record<string, number>>
}

/** The foreign server with a register dump in its tables. */
async function serve(file: string): Promise<{ readonly port: number; readonly dump: Dump }> {
  const dump: Dump = JSON.parse(readFileSync(`${folder}/${file}.registers.json`, 'utf8'))
  const tables = { 3: Buffer.alloc(2 * 65_536), 4: Buffer.alloc(2 * 65_536) }
  for (const { functionCode, addr, words } of dump.blocks)
    Buffer.from(words.replaceAll(' ', ''), 'hex').copy(tables[functionCode], 2 * addr)
  const server: Server = createServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  new jsmodbus.server.TCP(server, { holding: tables[3], input: tables[4] })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, dump }
}

test.each([
  ['janitza-umg', 'janitza/umg'],
  ['carlo-gavazzi-em340', 'carlo-gavazzi/em340'],
  ['schneider-pm5000', 'schneider/pm5000'],
  ['siemens-pac', 'siemens/pac'],
  ['shelly-pro-3em', 'shelly/pro-3em'],
])('a %s served by a server that is not ours is read as it was meant', async (id, file) => {
  const { port, dump } = await serve(file)
  const profile = profiles.get(id)
  if (!profile) throw new TypeError(id)
  const clock = new FakeClock()
  const readings = createModbusMeters({
    meters: [
      {
        ...{ id: as('GRID'), profile, unit: 1, poll: seconds(1), invert: false },
        endpoint: { kind: 'tcp', host: '127.0.0.1', port },
        plausible: { nominalV: volts(230), maxA: amps(100), maxW: watts(69_000) },
      },
    ],
    clock,
    random: () => 1,
    log: { info: () => undefined, warn: () => undefined },
  })
  cleanUps.push(() => readings.stop())
  const results: MeterResult[] = []
  await readings.start((result) => results.push(result))
  clock.advance(seconds(1))
  while (results.length === 0) {
    await until(() => readings.activity().inFlight === 0)
    clock.advance(milliseconds(30))
    await turns(1)
  }
  const { values } = dump
  expect(results).toMatchObject([
    {
      reading: {
        powerW: values.p_total,
        phasePowerW: { l1: values.p_l1, l2: values.p_l2, l3: values.p_l3 },
        currentA: { l1: values.i_l1, l2: values.i_l2, l3: -(values.i_l3 ?? 0) },
        voltageV: { l1: values.u_l1, l2: values.u_l2, l3: values.u_l3 },
        frequencyHz: values.f,
        importWh: values.e_imp,
      },
    },
  ])
})
