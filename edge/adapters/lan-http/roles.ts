/** What a token may do: a viewer reads, an operator also changes departures and commands stations. */
export type Role = 'viewer' | 'operator'

/** Who may call what. The first row that fits counts; what fits none needs an operator. */
export const ROLES: readonly {
  readonly method: string
  readonly path: string
  readonly role: Role | 'anyone'
}[] = [
  { method: 'get', path: '/health', role: 'anyone' },
  { method: 'get', path: '/metrics', role: 'viewer' },
  { method: 'get', path: '/api/v1/openapi.json', role: 'viewer' },
  { method: 'get', path: '/api/v1/site', role: 'viewer' },
  { method: 'get', path: '/api/v1/site/trend', role: 'viewer' },
  { method: 'get', path: '/api/v1/live', role: 'viewer' },
  { method: 'get', path: '/api/v1/stations', role: 'viewer' },
  { method: 'get', path: '/api/v1/departures', role: 'viewer' },
  { method: 'put', path: '/api/v1/departures', role: 'operator' },
  { method: 'get', path: '/api/v1/transactions', role: 'viewer' },
  { method: 'get', path: '/api/v1/series', role: 'viewer' },
  { method: 'get', path: '/api/v1/series/sources', role: 'viewer' },
  { method: 'post', path: '/api/v1/stations/{station}/commands', role: 'operator' },
  { method: 'get', path: '/api/v1/messages', role: 'operator' },
  { method: 'get', path: '/api/v1/meters', role: 'viewer' },
  { method: 'get', path: '/api/v1/meter-profiles', role: 'viewer' },
  { method: 'get', path: '/api/v1/meters/{meter}/registers', role: 'viewer' },
  { method: 'get', path: '/api/v1/meters/{meter}/report', role: 'viewer' },
  { method: 'post', path: '/api/v1/meters/{meter}/self-test', role: 'operator' },
  { method: 'post', path: '/api/v1/meter-probes', role: 'operator' },
  { method: 'get', path: '/{page}', role: 'viewer' },
]

const rows = ROLES.map(({ method, path, role }) => ({
  method,
  role,
  pattern: new RegExp(`^${path.replace('{page}', '.*').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))

export function roleFor(method: string, path: string): Role | 'anyone' {
  const asked = method === 'HEAD' ? 'get' : method.toLowerCase()
  return rows.find((row) => row.method === asked && row.pattern.test(path))?.role ?? 'operator'
}

export const allows = (has: Role, needed: Role): boolean => has === 'operator' || has === needed
