import { flagsOf, type ReportText, reportText } from './report-text.ts'
import { numberOf, textOf, words } from './tolerant.ts'

/** A status in the words of OCPP 2.0.1; an unknown one is kept as it is and flagged. */
export const statusIn = (known: Readonly<Record<string, string>>) => {
  const find = words(known)
  return (status: unknown): ReportText => {
    const said = reportText('status', textOf(status))
    const word = find(said.text)
    if (word !== undefined) return { text: word, flag: null }
    return { text: said.text, flag: flagsOf(said.flag, said.text === 'absent' ? null : 'an unknown status') }
  }
}

/** The number of the request that a report belongs to; null when none is told that could be one. */
export const requestOf = (requestId: unknown): number | null => {
  const number = numberOf(requestId)
  return number !== null && Number.isSafeInteger(number) ? number : null
}
