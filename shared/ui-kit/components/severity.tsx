/** How urgent an incident is: P1 now, P2 today, P3 soon, P4 when convenient. */
export const Severity = ({ level, count }: { level: number; count?: number }) => (
  <span className={`severity severity-${level}`}>
    P{level}
    {count === undefined ? null : ` ${count}`}
  </span>
)
