import type { Instant } from '@busbar/units/time.ts'
import type { Level, Row } from '../../domain/load-balancing/rows.ts'
import type { Depot } from '../depot.ts'

/** Formats for sentences: local clock times, amounts with units. */
export interface Words {
  time(at: Instant): string
  timeExact(at: Instant): string
  kw(watts: number): string
  row(row: Row): string
  limit(level: Level, dc: boolean): string
}

/** Times in the depot's own zone. */
export function wordsFor(depot: Depot, timeZone: string): Words {
  const short = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
  const exact = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  return {
    time: (at) => short.format(at),
    timeExact: (at) => exact.format(at),
    kw: (watts) => `${(watts / 1000).toFixed(1)} kW`,
    row: (row) => {
      const name = depot.setup.site.circuits.get(row.circuit)?.name ?? row.circuit
      return row.kind === 'power' ? name : `${name}, ${row.kind.toUpperCase()}`
    },
    limit: (level, dc) => (dc ? `${(level / 1000).toFixed(1)} kW` : `${trim(level / 1000)} A`),
  }
}

const trim = (n: number): string => (Number.isInteger(n) ? String(n) : n.toFixed(1))

const NUMBERS = [
  'No',
  'One',
  'Two',
  'Three',
  'Four',
  'Five',
  'Six',
  'Seven',
  'Eight',
  'Nine',
  'Ten',
  'Eleven',
  'Twelve',
]
/** Small numbers as a sentence's first word. */
export const firstWord = (n: number): string => NUMBERS[n] ?? String(n)
