import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const ROOT = new URL('../../../package.json', import.meta.url)
const EDGE = fileURLToPath(new URL('../../main.ts', import.meta.url))

/** What Node is given to run the edge as `npm run edge` does; flags of this process, `--cpu-prof` say, hold for it too. */
export function edgeArguments(): string[] {
  const { scripts } = z
    .object({ scripts: z.object({ edge: z.string() }) })
    .parse(JSON.parse(readFileSync(ROOT, 'utf8')))
  const own = scripts.edge.split(' ').filter((word) => word.startsWith('--'))
  return [...own, ...process.execArgv, EDGE]
}
