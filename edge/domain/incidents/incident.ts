import type { Instant } from '@busbar/units/time.ts'
import type { Severity, Subject } from '../facts.ts'
import type { ProjectionDefinition } from '../ports/projections.ts'

/** Work for a person. One is open for each rule and subject. */
export interface Incident {
  readonly incident: string
  readonly code: string
  readonly severity: Severity
  readonly subject: Subject
  readonly text: string
  readonly action: string
  readonly openedAt: Instant
}

export const openIncidents: ProjectionDefinition<Incident> = {
  name: 'open-incident',
  keys: ({ fact }) =>
    fact.type === 'IncidentOpened' || fact.type === 'IncidentResolved' ? [fact.data.incident] : [],
  next: (row, { fact }) => {
    if (fact.type === 'IncidentResolved') return undefined
    if (fact.type !== 'IncidentOpened') return row
    const { incident, code, severity, subject, text, action } = fact.data
    return { incident, code, severity, subject, text, action, openedAt: fact.occurred_at }
  },
}
