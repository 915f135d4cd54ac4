/** Dotted numbers, compared number by number; a missing one counts as 0. @returns below 0 when `a` is older */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number))
  const length = Math.max(left?.length ?? 0, right?.length ?? 0)
  for (let place = 0; place < length; place += 1) {
    const difference = (left?.[place] ?? 0) - (right?.[place] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export interface VersionRange {
  readonly min?: string | undefined
  readonly max?: string | undefined
}

/** Both ends are in the range. */
export const inRange = (version: string, { min, max }: VersionRange): boolean =>
  (min === undefined || compareVersions(version, min) >= 0) &&
  (max === undefined || compareVersions(version, max) <= 0)

/** True when some version lies in both. */
export const overlap = (a: VersionRange, b: VersionRange): boolean =>
  !isBelow(a.max, b.min) && !isBelow(b.max, a.min)

const isBelow = (max: string | undefined, min: string | undefined): boolean =>
  max !== undefined && min !== undefined && compareVersions(max, min) < 0
