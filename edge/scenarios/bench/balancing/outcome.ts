/** What a run found: its figures, what it must not miss and did. */
export class Outcome {
  readonly figures: Record<string, number> = {}
  readonly #failures: string[] = []

  /** A line of the table, on stderr. */
  say(text: string): void {
    process.stderr.write(`${text}\n`)
  }

  figure(name: string, value: number, digits = 4): void {
    this.figures[name] = Number(value.toFixed(digits))
  }

  /** Counts instances or steps in which a limit was passed. */
  violated(count: number): void {
    this.figures.violations = (this.figures.violations ?? 0) + count
  }

  fail(text: string): void {
    this.#failures.push(text)
  }

  /** Figures that must be there and not below. */
  floors(least: Readonly<Record<string, number>>): void {
    for (const [name, floor] of Object.entries(least)) {
      const value = this.figures[name]
      if (value === undefined || !(value >= floor))
        this.fail(`${name} is ${value ?? 'missing'}, below ${floor}`)
    }
  }

  /** Figures that should not be below; told, and no failure. */
  stretch(least: Readonly<Record<string, number>>): void {
    for (const [name, aim] of Object.entries(least)) {
      const value = this.figures[name]
      if (value !== undefined && value < aim) this.say(`stretch missed: ${name} is ${value}, aim ${aim}`)
    }
  }

  /** Prints the figures, the only line on stdout, and tells whether all is well. */
  end(bench: string): boolean {
    if ((this.figures.violations ?? 0) > 0) this.fail(`${this.figures.violations} violations`)
    for (const failure of this.#failures) this.say(`FAILED: ${failure}`)
    process.stdout.write(`${JSON.stringify({ bench, figures: this.figures })}\n`)
    return this.#failures.length === 0
  }
}
