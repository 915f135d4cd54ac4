import type { DecisionRecord } from './decision-record.ts'
import { replay } from './decision-record.ts'
import { explainAll, rowUses } from './explain.ts'
import { type Names, sentenceOf } from './explain-words.ts'
import { unitOf } from './rows.ts'

/** A recorded decision in words, made again. */
export interface ExplainedRecord {
  readonly evses: readonly {
    readonly label: string
    readonly limit: string
    /** Id of the row that holds it; null when none does. */
    readonly row: string | null
    readonly sentence: string
  }[]
  /** A or kW. */
  readonly rows: readonly {
    readonly id: string
    readonly unit: 'A' | 'kW'
    /** With every EVSE at its share, the base with it. */
    readonly used: number
    readonly limit: number
    /** With every EVSE at the most it may draw. */
    readonly worst: number
  }[]
  /** Where replaying gave something else; empty when it gave the same. */
  readonly differences: readonly string[]
}

/** Makes a recorded decision again and says why each EVSE got what it got, and what each row carried. */
export function explainRecord(record: DecisionRecord): ExplainedRecord {
  const { snapshot } = record
  const { shares, transition, differences } = replay(record)
  const decided = { snapshot, shares, transition }
  const names = namesIn(record)
  const evses = explainAll(decided).map((explanation) => ({
    label: names.evse(explanation.key),
    limit: names.level(explanation.key, explanation.level),
    row: explanation.account === null ? null : (snapshot.rows[explanation.account.row]?.id ?? null),
    sentence: sentenceOf(explanation, names),
  }))
  const uses = rowUses(decided)
  const shown = (n: number) => Math.round(n / 100) / 10
  const rows = snapshot.rows.map((row, index) => ({
    id: row.id,
    unit: unitOf(row) === 'A' ? ('A' as const) : ('kW' as const),
    used: shown(uses[index]?.shares ?? 0),
    limit: shown(row.limit),
    worst: shown(uses[index]?.holds ?? 0),
  }))
  return { evses, rows, differences }
}

function namesIn({ snapshot, names }: DecisionRecord): Names {
  const watts = new Set<string>(
    snapshot.evses.flatMap(({ key, wattsPerLevel }) => (wattsPerLevel === 1 ? [key] : [])),
  )
  return {
    evse: (key) => names.evses[key] ?? key,
    row: (index) => {
      const id = snapshot.rows[index]?.id ?? String(index)
      return names.rows[id] ?? id
    },
    // A level of a DC EVSE is a watt, one of an AC EVSE a milliampere.
    level: (key, level) =>
      watts.has(key) ? `${(level / 1000).toFixed(1)} kW` : `${Math.round(level / 100) / 10} A`,
  }
}
