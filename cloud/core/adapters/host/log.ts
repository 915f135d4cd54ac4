import { type Logger, pino } from 'pino'
import type { Observation } from '../../domain/observation.ts'

export type { Logger }

/** JSON lines on standard output, field names after OpenTelemetry; secrets are cut out by key. */
export const createLog = (level = 'info'): Logger =>
  pino({
    level,
    messageKey: 'body',
    base: { 'service.name': 'busbar-cloud' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ severity_text: label }) },
    redact: ['password', '*.password', 'token', '*.token', 'id_token', '*.id_token'],
  })

const LEVELS: Readonly<Record<Observation['kind'], 'debug' | 'info' | 'warn' | 'error'>> = {
  committed: 'debug',
  duplicate: 'debug',
  parked: 'debug',
  connected: 'info',
  disconnected: 'info',
  gap: 'warn',
  dropped: 'warn',
  'bad-message': 'warn',
  denied: 'warn',
  epoch: 'warn',
  quarantined: 'error',
  conflict: 'error',
  'store-unavailable': 'error',
}

/** Writes what the core observed. */
export function logObservation(log: Logger, seen: Observation): void {
  const detail = seen.kind === 'committed' ? `${seen.added} facts, head ${seen.seq}` : seen.detail
  log[LEVELS[seen.kind]]({ 'event.name': `cloud.${seen.kind}`, 'depot.id': seen.depot }, detail)
}
