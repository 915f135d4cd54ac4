/** Most characters kept of what a station writes freely. */
const MOST = 2000

/** A station's own words, cut to what is kept, and what is odd about them. */
export interface ReportText {
  readonly text: string
  readonly flag: string | null
}

/** Absent words become `absent`, so that the report is kept and seen to lack something. */
export function reportText(what: string, said: string | null): ReportText {
  if (said === null) return { text: 'absent', flag: `no ${what}` }
  return said.length <= MOST
    ? { text: said, flag: null }
    : {
        text: said.slice(0, MOST),
        flag: `the ${what} has ${said.length} characters; the first ${MOST} are kept`,
      }
}

/** The flags of a report as one; null when there is none. */
export const flagsOf = (...flags: readonly (string | null)[]): string | null =>
  flags.filter((flag) => flag !== null).join('; ') || null
