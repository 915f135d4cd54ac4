/** One thing a station wants done otherwise than its standard says. */
export interface QuirkInForce {
  /** Group, dot, name. @see firmware-profiles/QUIRKS.md */
  readonly key: string
  /** JSON, by the key. */
  readonly value: unknown
  readonly reason: string
  /** Addresses. */
  readonly sources: readonly string[]
  readonly confidence: 'high' | 'medium' | 'low'
}

/** The profile that a station is taken for, and why it is spoken to as it is. */
export interface MatchedProfile {
  readonly id: string
  /** What told it: the rarest member of the match that fitted; `nothing` is a model that nobody has described. */
  readonly matchedBy: 'configuration' | 'identity' | 'model' | 'vendor' | 'firmware' | 'nothing'
  /** How well the profile is known. */
  readonly tier: 'reported' | 'bench' | 'field' | 'certified'
  readonly quirks: readonly QuirkInForce[]
  /** What is to be said of its firmware. */
  readonly warnings: readonly string[]
  /** What a person has to do at the station. */
  readonly commissioning: readonly string[]
}
