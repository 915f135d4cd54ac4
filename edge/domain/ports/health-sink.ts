/** A declared warning about the controller or its inputs. */
export interface Warning {
  readonly code: string
  readonly severity: 1 | 2 | 3 | 4
  readonly text: string
}

/** Where the controller says what is wrong with itself. */
export interface HealthSink {
  raise(warning: Warning): void
  clear(code: string): void
}
