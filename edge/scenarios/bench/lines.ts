import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { DepotError } from '@busbar/model/depot-error.ts'

/** The lines of a process as they come; those nobody waits for pass by. */
export class Lines {
  readonly #last: string[] = []
  readonly #waiting = new Set<{
    fits: (line: string) => boolean
    resolve: (line: string) => void
    reject: (error: Error) => void
  }>()

  constructor(output: Readable) {
    const lines = createInterface({ input: output })
    lines.on('line', (line) => {
      this.#last.push(line)
      this.#last.splice(0, this.#last.length - 20)
      for (const one of this.#waiting) {
        if (!one.fits(line)) continue
        this.#waiting.delete(one)
        one.resolve(line)
      }
    })
    lines.on('close', () => {
      for (const { reject } of this.#waiting)
        reject(new DepotError('bench.ended', `the process ended:\n${this.#last.join('\n')}`))
    })
  }

  /** The next line with `text` in it. */
  next(text: string): Promise<string> {
    return new Promise((resolve, reject) =>
      this.#waiting.add({ fits: (line) => line.includes(text), resolve, reject }),
    )
  }
}
