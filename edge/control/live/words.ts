import type { Instant } from '@busbar/units/time.ts'
import { isOperatingRow } from '../../domain/load-balancing/operating-rows.ts'
import { demandRow } from '../../domain/load-balancing/row-list.ts'
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
    row: (row) => rowName(depot, row),
    limit: (level, dc) => (dc ? `${(level / 1000).toFixed(1)} kW` : `${trim(level / 1000)} A`),
  }
}

/** What a row limits, by name: "Feeder 2, L1", "C-01, power modules", "Grid connection, export (contract)". */
export function rowName({ setup }: Depot, row: Row): string {
  const owner = row.station ?? setup.site.circuits.get(row.circuit)?.name ?? row.circuit
  const part = partOf(row)
  const limited = isOperatingRow(row)
    ? 'The operating limit of '
    : row.id === demandRow(row.circuit)
      ? 'The demand target of '
      : ''
  const by = row.origin === undefined ? '' : ` (${row.origin})`
  return `${limited}${owner}${part === '' ? '' : `, ${part}`}${by}`
}

function partOf(row: Row): string {
  switch (row.kind) {
    case 'power':
      return row.station === undefined ? '' : 'input'
    case 'export':
    case 'neutral':
      return row.kind
    case 'modules':
      return 'power modules'
    case 'unbalance':
      return (row.between ?? []).map((phase) => phase.toUpperCase()).join(' against ')
    default:
      return `${row.station === undefined ? '' : 'input '}${row.loadsOnly ? 'bus ' : ''}${row.kind.toUpperCase()}`
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
