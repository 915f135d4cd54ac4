import type { Submit } from '../../../domain/inputs.ts'

/** What a report of any version needs. */
export interface ToldTo {
  readonly submit: Submit
}
