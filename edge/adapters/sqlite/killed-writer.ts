import { writeSync } from 'node:fs'
import type { Clock } from '@busbar/model/clock.ts'
import { as } from '@busbar/model/ids.ts'
import { instant, monotonic } from '@busbar/units/time.ts'
import type { Fact } from '../../domain/facts.ts'
import { createSqliteStore } from './sqlite-store.ts'

/**
 * Run as a process of its own by the kill test: appends without end and prints `ack NUMBER TOKEN` for each append that
 * resolved, until it is killed. Arguments: folder, seed, URL of the read models.
 */
const [folder = '', seed = '0', projectionsModule = ''] = process.argv.slice(2)
const say = (...words: readonly unknown[]) => writeSync(1, `${words.join(' ')}\n`)
const clock: Clock = {
  now: () => instant(0),
  monotonic: () => monotonic(0),
  timer: () => ({ cancel: () => undefined }),
}

let state = Number(seed)
const random = (below: number): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}

const factOf = (token: string): Fact => ({
  type: 'StationConnected',
  occurred_at: instant(0),
  clock: 'unsynced',
  entity: { type: 'station', id: token },
  data: {
    station: as(`S-${random(20)}`),
    connection: random(100),
    protocol: 'ocpp1.6',
    remote_address: '127.0.0.1',
  },
})

const store = createSqliteStore({ folder, clock, newEpoch: () => as('epoch'), projectionsModule })
const { head, bootNo } = await store.start()
say('opened', head.seq)

/** Appends one batch after the other; several of these run side by side, as stations do. */
async function write(name: string): Promise<never> {
  for (let n = 0; ; n++) {
    const token = `${bootNo}-${name}-${n}`
    const samples =
      random(3) === 0 ? [{ source: { meter: as<never>('grid') }, at: instant(n), values: '{}' }] : []
    const facts = Array.from({ length: 1 + random(5) }, () => factOf(token))
    say('ack', await store.factLog.append({ facts, samples, recordedAt: instant(0) }), token)
  }
}

await Promise.all(['a', 'b', 'c', 'd'].map(write))
