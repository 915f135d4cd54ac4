import type { StationRequest } from '@busbar/contracts/lan-api/station-commands.ts'

/**
 * What a token may do: a viewer reads; an operator also changes departures and priorities, commands stations and decides
 * for single EVSEs; an engineer also speaks OCPP to stations past the depot's own words; a manager also limits circuits.
 */
export type Role = 'viewer' | 'operator' | 'engineer' | 'manager'

const RANKS: readonly Role[] = ['viewer', 'operator', 'engineer', 'manager']

/** Who may call what. The first row that fits counts; what fits none needs a manager. */
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
  { method: 'post', path: '/api/v1/stations', role: 'engineer' },
  { method: 'put', path: '/api/v1/stations/{station}', role: 'engineer' },
  { method: 'delete', path: '/api/v1/stations/{station}', role: 'engineer' },
  { method: 'get', path: '/api/v1/departures', role: 'viewer' },
  { method: 'put', path: '/api/v1/departures', role: 'operator' },
  { method: 'get', path: '/api/v1/transactions', role: 'viewer' },
  { method: 'get', path: '/api/v1/series', role: 'viewer' },
  { method: 'get', path: '/api/v1/series/sources', role: 'viewer' },
  { method: 'post', path: '/api/v1/stations/{station}/commands', role: 'operator' },
  { method: 'post', path: '/api/v1/stations/{station}/ocpp/{action}', role: 'engineer' },
  { method: 'get', path: '/api/v1/stations/{station}/conformance', role: 'viewer' },
  { method: 'post', path: '/api/v1/stations/{station}/conformance', role: 'engineer' },
  { method: 'delete', path: '/api/v1/stations/{station}/conformance', role: 'engineer' },
  { method: 'post', path: '/api/v1/stations/{station}/conformance/preview', role: 'engineer' },
  { method: 'get', path: '/api/v1/stations/{station}/local-list', role: 'operator' },
  { method: 'post', path: '/api/v1/stations/{station}/local-list', role: 'operator' },
  { method: 'get', path: '/api/v1/stations/{station}/variables', role: 'viewer' },
  { method: 'get', path: '/api/v1/doubts', role: 'operator' },
  { method: 'post', path: '/api/v1/doubts/{doubt}/settle', role: 'operator' },
  { method: 'get', path: '/api/v1/commands', role: 'viewer' },
  { method: 'delete', path: '/api/v1/commands/{command}', role: 'operator' },
  { method: 'get', path: '/api/v1/id-tokens', role: 'operator' },
  { method: 'post', path: '/api/v1/id-tokens', role: 'operator' },
  { method: 'delete', path: '/api/v1/id-tokens/{id_token}', role: 'operator' },
  { method: 'get', path: '/api/v1/reservations', role: 'operator' },
  { method: 'post', path: '/api/v1/reservations', role: 'operator' },
  { method: 'delete', path: '/api/v1/reservations/{reservation}', role: 'operator' },
  { method: 'get', path: '/api/v1/inbox', role: 'operator' },
  { method: 'get', path: '/api/v1/inbox/{file}', role: 'operator' },
  { method: 'delete', path: '/api/v1/inbox/{file}', role: 'engineer' },
  { method: 'get', path: '/api/v1/firmware-images', role: 'viewer' },
  { method: 'put', path: '/api/v1/firmware-images/{image}', role: 'engineer' },
  { method: 'delete', path: '/api/v1/firmware-images/{image}', role: 'engineer' },
  { method: 'get', path: '/api/v1/messages', role: 'operator' },
  { method: 'get', path: '/api/v1/certificates', role: 'viewer' },
  { method: 'post', path: '/api/v1/certificates/rotate', role: 'operator' },
  { method: 'post', path: '/api/v1/certificates/retire', role: 'operator' },
  { method: 'post', path: '/api/v1/certificates/{serial}/revoke', role: 'operator' },
  { method: 'get', path: '/api/v1/meters', role: 'viewer' },
  { method: 'get', path: '/api/v1/meter-profiles', role: 'viewer' },
  { method: 'get', path: '/api/v1/meters/{meter}/registers', role: 'viewer' },
  { method: 'get', path: '/api/v1/meters/{meter}/report', role: 'viewer' },
  { method: 'post', path: '/api/v1/meters/{meter}/self-test', role: 'operator' },
  { method: 'post', path: '/api/v1/meter-probes', role: 'operator' },
  { method: 'get', path: '/api/v1/evses/{station}/{evse}/why', role: 'viewer' },
  { method: 'get', path: '/api/v1/evses/{station}/{evse}/why/history', role: 'viewer' },
  { method: 'get', path: '/api/v1/decisions', role: 'viewer' },
  { method: 'get', path: '/api/v1/decisions/{id}', role: 'viewer' },
  { method: 'get', path: '/api/v1/manual', role: 'viewer' },
  { method: 'put', path: '/api/v1/evses/{station}/{evse}/override', role: 'operator' },
  { method: 'delete', path: '/api/v1/evses/{station}/{evse}/override', role: 'operator' },
  { method: 'post', path: '/api/v1/evses/{station}/{evse}/override/preview', role: 'operator' },
  { method: 'put', path: '/api/v1/priorities/{scope}/{id}', role: 'operator' },
  { method: 'delete', path: '/api/v1/priorities/{scope}/{id}', role: 'operator' },
  { method: 'post', path: '/api/v1/priorities/{scope}/{id}/preview', role: 'operator' },
  { method: 'put', path: '/api/v1/circuits/{circuit}/operating-limit', role: 'manager' },
  { method: 'delete', path: '/api/v1/circuits/{circuit}/operating-limit', role: 'manager' },
  { method: 'post', path: '/api/v1/circuits/{circuit}/operating-limit/preview', role: 'manager' },
  { method: 'get', path: '/{page}', role: 'viewer' },
]

/** Commands of `POST /api/v1/stations/{station}/commands` that the row of that path does not go far enough for. */
export const COMMAND_ROLES: Readonly<Partial<Record<StationRequest['kind'], Role>>> = {
  'update-firmware': 'engineer',
  'change-password': 'engineer',
}

const rows = ROLES.map(({ method, path, role }) => ({
  method,
  path,
  role,
  pattern: new RegExp(`^${path.replace('{page}', '.*').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))

function rowFor(method: string, path: string) {
  const asked = method === 'HEAD' ? 'get' : method.toLowerCase()
  return rows.find((row) => row.method === asked && row.pattern.test(path))
}

export const roleFor = (method: string, path: string): Role | 'anyone' =>
  rowFor(method, path)?.role ?? 'manager'

/** The path as the table writes it; what stands in no row is named no further. */
export const rowOf = (method: string, path: string): string => rowFor(method, path)?.path ?? 'elsewhere'

export const allows = (has: Role, needed: Role): boolean => RANKS.indexOf(has) >= RANKS.indexOf(needed)
