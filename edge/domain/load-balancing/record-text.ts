import { DepotError } from '@busbar/model/depot-error.ts'
import { type DecisionRecord, RECORD_VERSION } from './decision-record.ts'

/** Rows of one shape as columns: the names once, then the values. An absent member is an empty object. */
interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

const ABSENT = {}

function toTable(list: readonly object[]): Table {
  const columns = [...new Set(list.flatMap((each) => Object.keys(each)))].sort()
  return {
    columns,
    rows: list.map((each) => {
      const values = new Map(Object.entries(each))
      return columns.map((column) => (values.get(column) === undefined ? ABSENT : values.get(column)))
    }),
  }
}

const isAbsent = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0

const fromTable = ({ columns, rows }: Table): object[] =>
  rows.map((values) =>
    Object.fromEntries(
      columns.flatMap((column, index) => (isAbsent(values[index]) ? [] : [[column, values[index]]])),
    ),
  )

/**
 * A record as compact text. What rarely changes comes first and what changes with every decision last, so that two
 * records of one site are alike over long stretches.
 */
export function recordText(record: DecisionRecord): string {
  const { version, names, snapshot, at, guarded, shares, moves, stays } = record
  const { evses, rows, ...site } = snapshot
  return JSON.stringify({
    version,
    names,
    site,
    evses: toTable(evses),
    rows: toTable(rows),
    guarded,
    shares,
    stays,
    moves,
    at,
  })
}

/**
 * Reads what `recordText` wrote.
 * @throws DepotError `record.unreadable` when it is another text, or of another version
 */
export function recordFrom(text: string): DecisionRecord {
  const read = parsed(text)
  if (read === null || read.version !== RECORD_VERSION)
    throw new DepotError(
      'record.unreadable',
      `not a recorded decision of version ${RECORD_VERSION}, which is what this program replays`,
    )
  const { evses, rows, site, ...rest } = read
  const snapshot = { ...site, rows: fromTable(rows), evses: fromTable(evses) }
  return { ...rest, snapshot } as unknown as DecisionRecord
}

type Text = Omit<DecisionRecord, 'snapshot'> & {
  readonly evses: Table
  readonly rows: Table
  /** All that a snapshot says beside its rows and EVSEs. */
  readonly site: object
}

function parsed(text: string): Text | null {
  try {
    const read: unknown = JSON.parse(text)
    const is =
      typeof read === 'object' && read !== null && 'evses' in read && 'rows' in read && 'shares' in read
    return is ? (read as Text) : null
  } catch {
    // Anything that is no JSON is no record either; the caller says so.
    return null
  }
}
