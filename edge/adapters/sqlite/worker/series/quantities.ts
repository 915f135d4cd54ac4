/** Decimals kept of a quantity, by the unit at the end of its name. */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ['w', 0],
  ['wh', 0],
  ['va', 0],
  ['var', 0],
  ['v', 1],
  ['pct', 1],
  ['a', 2],
  ['hz', 2],
])
const WITHOUT_UNIT = 3
/** Above this a number does not fit the packing; nothing we measure comes near. */
const LARGEST = 2 ** 50

/** `current_a` of `current_a.l1`. */
const withoutPhase = (name: string): string => name.split('.', 1)[0] ?? name

export function decimalsOf(quantity: string): number {
  const name = withoutPhase(quantity)
  return DECIMALS.get(name.slice(name.lastIndexOf('_') + 1)) ?? WITHOUT_UNIT
}

/** True for registers of energy, which only ever add up. */
export const isCounter = (quantity: string): boolean => withoutPhase(quantity).endsWith('_wh')

/** The number as a whole multiple of its quantity's precision; null when it cannot be kept as one. */
export function toSteps(quantity: string, value: number): number | null {
  const steps = Math.round(value * 10 ** decimalsOf(quantity)) + 0
  return Math.abs(steps) <= LARGEST ? steps : null
}

/** Division by a power of ten gives the decimal number that is meant; multiplying by a fraction would not. */
export const fromSteps = (quantity: string, steps: number): number => steps / 10 ** decimalsOf(quantity)

export interface Values {
  readonly numbers: ReadonlyMap<string, number>
  /** What is no number, as it stood. */
  readonly rest: Readonly<Record<string, unknown>> | null
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A sample's text as numbers by quantity, in steps; `{"current_a":{"l1":1}}` becomes `current_a.l1`. */
export function parseValues(text: string): Values {
  const numbers = new Map<string, number>()
  const rest: Record<string, unknown> = {}
  const take = (name: string, value: unknown, keep: () => void) => {
    const steps = typeof value === 'number' ? toSteps(name, value) : null
    if (steps === null) keep()
    else numbers.set(name, steps)
  }
  const parsed: unknown = JSON.parse(text)
  for (const [name, value] of Object.entries(isRecord(parsed) ? parsed : {}))
    if (isRecord(value))
      for (const [part, inner] of Object.entries(value))
        take(`${name}.${part}`, inner, () => Object.assign(rest, { [`${name}.${part}`]: inner }))
    else take(name, value, () => Object.assign(rest, { [name]: value }))
  return { numbers, rest: Object.keys(rest).length > 0 ? rest : null }
}

/** The text again. */
export function valuesText({ numbers, rest }: Values): string {
  const values: Record<string, unknown> = {}
  const put = (name: string, value: unknown) => {
    const [outer = '', inner] = name.split('.', 2)
    const group = values[outer]
    if (inner === undefined) values[outer] = value
    else if (isRecord(group)) group[inner] = value
    else values[outer] = { [inner]: value }
  }
  for (const [name, steps] of numbers) put(name, fromSteps(name, steps))
  for (const [name, value] of Object.entries(rest ?? {})) put(name, value)
  return JSON.stringify(values)
}
