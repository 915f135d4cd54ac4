/** How many there are of each severity, P1 first; those of which there is none are left out. */
export const SeverityCounts = ({ counts }: { counts: readonly number[] }) => (
  <>
    {[1, 2, 3, 4].map((level) => {
      const n = counts[level - 1] ?? 0
      return n > 0 ? <Severity key={level} level={level} count={n} /> : null
    })}
  </>
)

/** How urgent an incident is: P1 now, P2 today, P3 soon, P4 when convenient. */
export const Severity = ({ level, count }: { level: number; count?: number }) => (
  <span className={`severity severity-${level}`}>
    P{level}
    {count === undefined ? null : ` ${count}`}
  </span>
)
