import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Mean time of a 4 KiB write and its flush, ms; stands beside every figure that a disk may shape. */
export function flushMs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'busbar-flush-'))
  const file = openSync(join(folder, 'flush'), 'w')
  const start = performance.now()
  for (let n = 0; n < 200; n++) {
    writeSync(file, Buffer.alloc(4096, n))
    fsyncSync(file)
  }
  const mean = (performance.now() - start) / 200
  closeSync(file)
  rmSync(folder, { recursive: true })
  return Number(mean.toFixed(3))
}
