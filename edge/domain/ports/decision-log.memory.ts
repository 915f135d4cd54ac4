import type { DecisionEntry, DecisionLog } from './decision-log.ts'

/** A decision log that keeps everything, for tests. */
export function createMemoryDecisionLog(): DecisionLog {
  const entries: DecisionEntry[] = []
  const decisions = () =>
    entries.flatMap(({ decision }, index) => (decision === null ? [] : [{ id: index + 1, ...decision }]))
  return {
    add: (entry) => void entries.push(entry),
    decisions: async ({ from, to, limit }) =>
      decisions()
        .filter(({ at }) => at >= from && at < to)
        .reverse()
        .slice(0, limit)
        .map(({ record: _, ...rest }) => rest),
    record: async (id) => decisions().find((each) => each.id === id)?.record ?? null,
    reasons: async ({ evse, from, to, limit }) => {
      const all = entries
        .flatMap(({ reasons }) => reasons)
        .filter((reason) => reason.evse === evse && reason.at < to)
      const before = all.findLastIndex(({ at }) => at < from)
      return all.slice(Math.max(0, before)).reverse().slice(0, limit)
    },
    use: async () => ({
      decisions: decisions().length,
      bytes: 0,
      capBytes: Number.MAX_SAFE_INTEGER,
      from: decisions()[0]?.at ?? null,
      dropped: 0,
    }),
  }
}
