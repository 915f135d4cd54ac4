import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { flushMs } from './flush.ts'

/** Durable appends a second, one in flight per station, and the time the disk takes to flush beside them. */
const writer = fileURLToPath(new URL('../../adapters/sqlite/bench-writer.ts', import.meta.url))
const runs = [
  { name: 'one_station', stations: 1, each: 1000, samples: 0 },
  { name: 'stations_200', stations: 200, each: 200, samples: 0 },
  { name: 'stations_200_with_samples', stations: 200, each: 200, samples: 1 },
  { name: 'stations_1000', stations: 1000, each: 50, samples: 0 },
]

async function appendsPerSecond(folder: string, run: (typeof runs)[number]): Promise<number> {
  const args = [writer, join(folder, run.name), run.stations, run.each, run.samples].map(String)
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let warm = 0
  let done = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'warm') warm = performance.now()
    if (line === 'done') done = performance.now()
  }
  return Math.round((run.stations * run.each * 1000) / (done - warm))
}

const folder = await mkdtemp(join(tmpdir(), 'busbar-bench-'))
const figures: Record<string, number> = { flush_ms: flushMs() }
for (const run of runs) figures[`${run.name}_per_s`] = await appendsPerSecond(folder, run)
await rm(folder, { recursive: true })
for (const [name, value] of Object.entries(figures)) process.stderr.write(`${name.padEnd(36)}${value}\n`)
process.stdout.write(`${JSON.stringify({ bench: 'store', figures })}\n`)
