import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import { turns } from '@busbar/testing/rtu-peer.ts'
import { afterEach, expect, test } from 'vitest'
import { startEdge } from '../main.ts'
import { benchProfile } from './bench/bench-profile.ts'
import { PacedLine } from './bench/paced-line.ts'
import { depotYaml } from './depot-of.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** A depot whose site meter hangs on a serial port. */
async function serialDepot(device: string) {
  const folder = await mkdtemp(join(tmpdir(), 'busbar-serial-'))
  cleanUps.push(() => rm(folder, { recursive: true }))
  const modbus_rtu = { device, baud: 19_200, parity: 'even', stop_bits: 1, unit: 1 }
  const meter = { id: 'site-meter', name: 'Site meter', role: 'grid', circuit: 'grid' }
  const depot = { stations: [{ id: 'S-1', feeder: 'feeder' }], feeders: [{ id: 'feeder', ratingA: 63 }] }
  const config = join(folder, 'depot.yaml')
  const instead = { meters: [{ ...meter, profile: 'carlo-gavazzi-em340', modbus_rtu, poll_ms: 500 }] }
  await writeFile(
    config,
    depotYaml({ ...depot, gridA: 100, otherA: 20, instead }, { data: join(folder, 'data'), meterPort: 1 }),
  )
  const edge = await startEdge({ config })
  cleanUps.push(() => edge.stop())
  return edge
}

test('the site meter on a serial port is read by the depot as by any other way', async () => {
  const line = new PacedLine({
    ...{ profile: await benchProfile('carlo-gavazzi-em340'), units: 1, baud: 19_200 },
    ...{ bitsPerByte: 11, turnAroundMs: 10, gapMs: 30 },
  })
  await line.start()
  cleanUps.push(() => line.stop())
  const edge = await serialDepot(line.device)
  while (edge.activity().meters.scans === 0) await turns(10)
  expect(edge.activity().meters.failures).toBe(0)
  const site = SiteView.parse(await (await fetch(`${edge.httpAddress}/api/v1/site`)).json())
  expect(JSON.stringify(site)).toContain('11730')
})

test('a serial port that is not there keeps nothing else from starting', async () => {
  const edge = await serialDepot('/dev/serial/by-id/nothing')
  while (edge.activity().meters.scans === 0) await turns(10)
  expect(edge.activity().meters).toMatchObject({ failures: 1, requests: 0 })
  expect((await fetch(`${edge.httpAddress}/api/v1/site`)).status).toBe(200)
})
