import { fromIso } from '@busbar/units/time.ts'
import type { StationCommand } from '../../../../domain/commands.ts'
import type { OUTBOUND } from '../raw.ts'

export const NOW = fromIso('2026-12-01T12:00:00.000Z')
export const LATER = fromIso('2026-12-01T13:00:00.500Z')

/** One request: how it is said, and what each answer to it means. */
export interface Row {
  readonly name: string
  readonly command: StationCommand
  readonly action: (typeof OUTBOUND)[number]
  readonly payload: object
  /** What the station may say, and what that means. */
  readonly answers: readonly (readonly [answer: Record<string, unknown>, meaning: object])[]
}
export const accepted = [{ status: 'Accepted' }, { status: 'accepted' }] as const
export const refusedBy = (word: string) => [{ status: word }, { status: 'rejected', reason: word }] as const
export const unclear = [{ status: 'Perhaps' }, { status: 'unanswered', reason: 'error' }] as const
