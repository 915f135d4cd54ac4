import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { as, type MeterId } from '@busbar/model/ids.ts'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { startEdge } from '../main.ts'
import { knownProfile } from '../simulators/meter/known-profile.ts'
import { startVirtualMeter } from '../simulators/meter/virtual-meter.ts'
import { quiet } from './quiet.ts'
import { depotYaml } from './test-depot.ts'

it('F19: a meter that moves its powers of ten is read with the new ones, and stays believed', async () => {
  const clock = new FakeClock()
  const folder = await mkdtemp(join(tmpdir(), 'busbar-scale-'))
  const meter = await startVirtualMeter({
    profile: await knownProfile('sunspec-203'),
    host: '127.0.0.1',
    port: 0,
    unit: 1,
    picture: () => ({
      currentA: { l1: 40, l2: 41, l3: 42 },
      voltageV: { l1: 230, l2: 230, l3: 230 },
      powerFactor: 1,
      frequencyHz: 50 + 0.02 * Math.sin(clock.monotonic() / 7000),
      importWh: 1_000_000 + Math.floor((clock.monotonic() / 3_600_000) * 28_290),
      exportWh: 0,
    }),
  })
  const config = join(folder, 'depot.yaml')
  const of = { gridA: 140, otherA: 70, feeders: [], stations: [] }
  const yaml = depotYaml(of, { data: join(folder, 'data'), meterPort: meter.port })
  await writeFile(config, yaml.replace('janitza-umg', 'sunspec-203'))
  const edge = await startEdge({ config, clock, log: pino({ level: 'silent' }) })
  const pass = async (s: number) => {
    for (let second = 0; second < s; second++) {
      clock.advance(seconds(1))
      await quiet(() => {
        const { meters, storeBacklog } = edge.activity()
        const underway = meters.inFlight > 0 || storeBacklog > 0
        return { moved: [meters.requests, storeBacklog], underway, hesitant: true }
      })
    }
  }
  const seen = () => edge.control.live().meters.find(({ id }) => id === as<MeterId>('grid-meter'))
  try {
    await pass(12)
    expect(seen()).toMatchObject({ quality: 'live', reason: null })
    expect(seen()?.power_w).toBeCloseTo(28_290, -2)
    for (const power of [2, 0, 1]) {
      await meter.faults.set({ kind: 'scaleFactor', name: 'W_SF', power })
      await pass(3)
      expect(seen()?.quality).toBe('live')
      expect(Math.abs((seen()?.power_w ?? 0) - 28_290)).toBeLessThanOrEqual(10 ** power * 2)
    }
    expect(edge.control.live().incidents).toEqual([])
  } finally {
    await edge.stop()
    await meter.stop()
    await rm(folder, { recursive: true, force: true })
  }
}, 30_000)
