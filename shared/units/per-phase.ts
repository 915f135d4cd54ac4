/** The three conductors of the site, in order. */
export const PHASES = ['l1', 'l2', 'l3'] as const
/** One conductor of the site. */
export type Phase = (typeof PHASES)[number]
/** One value for each conductor of the site. */
export type PerPhase<T> = { readonly [P in Phase]: T }

/** Builds a value for each conductor. */
export const perPhase = <T>(of: (phase: Phase) => T): PerPhase<T> => ({
  l1: of('l1'),
  l2: of('l2'),
  l3: of('l3'),
})
/** The sum over the three conductors. */
export const sumPhases = (values: PerPhase<number>): number => values.l1 + values.l2 + values.l3
