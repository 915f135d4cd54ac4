import type { HealthSink, Warning } from '../../domain/ports/health-sink.ts'

/** Keeps the standing warnings; tells the log when one comes or goes. */
export class Health implements HealthSink {
  readonly #standing = new Map<string, Warning>()
  readonly #tell: (event: { raised: Warning } | { cleared: Warning }) => void

  constructor(tell: (event: { raised: Warning } | { cleared: Warning }) => void) {
    this.#tell = tell
  }

  raise(warning: Warning): void {
    const known = this.#standing.get(warning.code)
    this.#standing.set(warning.code, warning)
    if (known?.text !== warning.text || known.severity !== warning.severity) this.#tell({ raised: warning })
  }

  clear(code: string): void {
    const known = this.#standing.get(code)
    if (known === undefined) return
    this.#standing.delete(code)
    this.#tell({ cleared: known })
  }

  /** Worst first. */
  warnings(): readonly Warning[] {
    return [...this.#standing.values()].sort((a, b) => a.severity - b.severity)
  }
}
