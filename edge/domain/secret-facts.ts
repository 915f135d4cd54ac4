import type { StationId } from '@busbar/model/ids.ts'

/** What can have happened to secrets of stations; they stand here as SHA-256 of their bytes, in hex, and never else. */
export interface SecretFacts {
  /** A new one goes to the station: from now on either lets it in. */
  StationSecretOffered: {
    station: StationId
    sha256: string
    /** What was configured then; when the configuration names another one, that counts again. */
    configured: string | null
    by: string
  }
  StationSecretAnswered: {
    station: StationId
    sha256: string
    answer: 'accepted' | 'rejected' | 'unanswered' | 'not-sent'
    reason: string | null
  }
  /** The station came with it: no other one lets it in any more. */
  StationSecretChanged: { station: StationId; sha256: string }
  /** It came with the old one after nobody knew whether it had taken the new one: that one lets nobody in. */
  StationSecretKept: { station: StationId; sha256: string }
}
