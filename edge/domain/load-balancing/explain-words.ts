import type { Explanation, RowAccount } from './explain.ts'
import type { Level } from './rows.ts'

/** Names for sentences; what is missing is told by its id. */
export interface Names {
  /** Of an EVSE, by its key. */
  readonly evse: (key: string) => string
  /** Of a row, by its index: "Feeder 2, L1". */
  readonly row: (row: number) => string
  /** A level of an EVSE with its unit: "16 A". */
  readonly level: (key: string, level: Level) => string
}

/** An explanation in one sentence, what it gets first: "Gets 16 A: Feeder 2, L1 is full (198 of 200 A: …)". */
export function sentenceOf(explanation: Explanation, names: Names): string {
  const { key, level, share, cause, account } = explanation
  const gets = `Gets ${names.level(key, level)}`
  const named = account === null ? '' : names.row(account.row)
  const filled = account === null ? '' : ` (${fill(account)})`
  switch (cause.kind) {
    case 'row':
      return `${gets}: ${named} is full${filled}`
    case 'room':
      return `${gets}, rises to ${names.level(key, share)} once others are proven lower: ${named} is full${filled}`
    case 'waits':
      return `Waits for its turn: the minimums of others fill ${named}${filled}`
    case 'meter':
      return `${gets}: the meter of ${named} is not live, so nothing rises`
    case 'startup':
      return `${gets}: the controller is still starting up, so nothing rises`
    case 'resting':
      return `${gets}: its last change was too recent for another one, to ${names.level(key, share)}`
    case 'dead-band':
      return `${gets}: its share of ${names.level(key, share)} is too near to be worth a message`
    case 'unsent':
      return `${gets}: its new limit has not left yet`
    case 'stopped':
      return 'Waits: it was stopped for others and rests before it starts again'
    case 'max':
      return `${gets}: it asks for no more`
    case 'settled':
      return `${gets}: the balancer gives it no more just now`
    case 'fixed':
      return `Counts at ${names.level(key, share)}: it cannot be steered just now`
  }
}

/** "198 of 200 A: building 62, 9 others 120, this one 16". */
export function fill({ unit, counted, limit, base, others, otherCount, own, used }: RowAccount): string {
  const amount = (n: number) => (unit === 'A' ? round(n / 1000) : (n / 1000).toFixed(1))
  const may = counted === 'holds' ? ' at most' : ''
  const who = otherCount === 1 ? '1 other' : `${otherCount} others`
  return (
    `${amount(used)} of ${amount(limit)} ${unit === 'A' ? 'A' : 'kW'}${may}: ` +
    `building ${amount(base)}, ${who} ${amount(others)}, this one ${amount(own)}`
  )
}

const round = (n: number): string => String(Math.round(n * 10) / 10)
