import pino from 'pino'

export type Log = pino.Logger

/** Structured logs on stdout, with OpenTelemetry's field names. */
export function createLog(options: { depot: string; level: string; version: string }): Log {
  return pino({
    level: options.level,
    messageKey: 'body',
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ severity_text: label.toUpperCase() }) },
    base: {
      'service.name': 'busbar-edge',
      'service.version': options.version,
      'service.instance.id': options.depot,
    },
    redact: ['*.secret', '*.password', '*.authorization'],
  })
}
