import pino from 'pino'

export type Log = pino.Logger

/** Members that go into no log, at whatever of the first three levels: what proves somebody, and who drives. */
const SECRETS = [
  ...['secret', 'password', 'authorization', 'Authorization', 'token', 'cookie', 'privateKey'],
  ...['idToken', 'id_token', 'idTag', 'id_tag', 'groupIdToken', 'parentIdTag'],
]

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
    redact: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  })
}
