import { securityFaults } from './check-security.ts'
import { filesFaults } from './files-schema.ts'
import { isPart } from './meters.ts'
import type { ConfigFault, ConfigFile } from './read-yaml.ts'
import type { DepotConfig, SecretConfig } from './schema.ts'

type Path = readonly (string | number)[]
type Fault = (path: Path, expected: string) => void

/** What one value of the file says against another. */
export function crossFaults({ value, lineOf }: ConfigFile<DepotConfig>): ConfigFault[] {
  const faults: ConfigFault[] = []
  const fault: Fault = (path, expected) => faults.push({ line: lineOf(path), path: path.join('.'), expected })
  checkIds(value, fault)
  checkCircuits(value, fault)
  checkStations(value, fault)
  checkSecrets(value, fault)
  checkLan(value, fault)
  checkBroker(value, fault)
  checkSources(value, fault)
  checkFleet(value, fault)
  for (const { at, expected } of filesFaults(value)) fault(['files', ...at], expected)
  return faults
}

function checkIds(value: DepotConfig, fault: Fault): void {
  const unique = (ids: readonly string[], pathOf: (index: number) => Path) =>
    ids.forEach((id, index) => {
      if (ids.indexOf(id) < index) fault(pathOf(index), `one of its own; "${id}" is taken`)
    })
  const { circuits } = value.site
  const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id)
  unique(idsOf(circuits), (index) => ['site', 'circuits', index, 'id'])
  for (const list of ['stations', 'vehicles', 'meters'] as const)
    unique(idsOf(value[list]), (index) => [list, index, 'id'])
  const { tokens } = value.lan_http
  unique(
    tokens.map(({ name }) => name),
    (index) => ['lan_http', 'tokens', index, 'name'],
  )
  unique(value.tariff?.bands.map(({ from }) => from) ?? [], (index) => ['tariff', 'bands', index, 'from'])
  // A meter that is only part of another on its circuit has no circuit of its own.
  unique(
    value.meters.map((meter, index) => (isPart(value, meter) ? `part ${index}` : meter.circuit)),
    (index) => ['meters', index, 'circuit'],
  )
  unique(value.broker?.devices.map((device) => device.id) ?? [], (index) => [
    'broker',
    'devices',
    index,
    'id',
  ])
}

function checkCircuits(value: DepotConfig, fault: Fault): void {
  const { circuits } = value.site
  circuits.forEach(({ limit_kw, other_loads_kw }, index) => {
    if (limit_kw !== undefined && other_loads_kw === undefined)
      fault(['site', 'circuits', index], 'other_loads_kw, since limit_kw is given')
  })
  circuits.forEach((circuit, index) => {
    checkCircuit(value, circuit, (key, expected) => fault(['site', 'circuits', index, key], expected))
  })
  value.site.limits.forEach((limit, index) => {
    if (!circuits.some(({ id }) => id === limit.circuit))
      fault(['site', 'limits', index, 'circuit'], `a circuit of this site; "${limit.circuit}" is none`)
  })
  const roots = circuits.filter(({ parent, fed_by: feeds }) => parent === undefined && feeds === undefined)
  if (roots.length === 1) return
  const found = roots.length === 0 ? 'none' : roots.map(({ id }) => id).join(', ')
  fault(['site', 'circuits'], `exactly one circuit without a parent, the grid connection; found ${found}`)
}

type CircuitConfig = DepotConfig['site']['circuits'][number]

function checkCircuit(
  { site, stations }: DepotConfig,
  { id, parent, fed_by: feeds, transformer, source }: CircuitConfig,
  fault: (key: keyof CircuitConfig, expected: string) => void,
): void {
  if (parent !== undefined && feeds !== undefined) fault('fed_by', 'parent or fed_by, not both')
  if (source !== undefined && source.kind !== 'battery' && source.firm_above_pct !== undefined)
    fault('source', 'no firm_above_pct, which is for batteries')
  const lineV = site.nominal_voltage_v * Math.sqrt(3)
  const feedsStations = stations.some((station) => station.circuit === id)
  if (transformer !== undefined && feedsStations && Math.abs(transformer.secondary_v / lineV - 1) > 0.1)
    fault(
      'transformer',
      `secondary_v near ${lineV.toFixed(0)}, line to line at the nominal_voltage_v of the stations it feeds`,
    )
}

function checkStations(value: DepotConfig, fault: Fault): void {
  value.stations.forEach((station, index) => {
    const { evses } = station
    for (const { at, expected } of securityFaults(station, value.ocpp.tls !== undefined))
      fault(['stations', index, ...at], expected)
    if (new Set(evses.map(({ evse }) => evse)).size !== evses.length)
      fault(['stations', index, 'evses'], 'a number of its own for each EVSE')
  })
}

function checkSecrets(value: DepotConfig, fault: Fault): void {
  const inFile = (secret: SecretConfig | undefined, path: Path) => {
    if (!value.depot.virtual && secret !== undefined && 'virtual' in secret)
      fault(path, 'env, file or sha256: a secret in the file is for virtual depots only')
  }
  value.stations.forEach(({ secret }, index) => {
    inFile(secret, ['stations', index, 'secret'])
  })
  value.lan_http.tokens.forEach(({ secret }, index) => {
    inFile(secret, ['lan_http', 'tokens', index, 'secret'])
  })
  value.broker?.devices.forEach(({ secret }, index) => {
    inFile(secret, ['broker', 'devices', index, 'secret'])
  })
  inFile(value.cloud?.password, ['cloud', 'password'])
  if (value.cloud && 'sha256' in value.cloud.password)
    fault(['cloud', 'password'], 'env or file: the cloud needs the password itself, a hash is not enough')
}

/** Whether only this machine reaches an address. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host)

function checkLan({ lan_http: lan }: DepotConfig, fault: Fault): void {
  if (isLoopback(lan.listen.host)) return
  if (lan.allow_unauthenticated_writes)
    fault(
      ['lan_http', 'allow_unauthenticated_writes'],
      `false, since other machines reach ${lan.listen.host}`,
    )
  if (lan.tokens.length === 0)
    fault(['lan_http'], `at least one of tokens, since other machines reach ${lan.listen.host}`)
}

/** What devices sign in with must not be readable on the wire. */
function checkBroker({ broker }: DepotConfig, fault: Fault): void {
  if (broker === undefined || broker.tls !== undefined || isLoopback(broker.listen.host)) return
  fault(['broker', 'tls'], `key_file and cert_file, since other machines reach ${broker.listen.host}`)
}

function checkSources({ meters, broker }: DepotConfig, fault: Fault): void {
  const sources = meters.map(({ mqtt }) => mqtt?.source)
  sources.forEach((source, index) => {
    if (source === undefined) return
    const path = ['meters', index, 'mqtt', 'source']
    if (!broker?.devices.some(({ id }) => id === source)) fault(path, 'a device of broker.devices')
    if (sources.indexOf(source) < index) fault(path, `a source of its own; "${source}" is taken`)
  })
}

function checkFleet(value: DepotConfig, fault: Fault): void {
  const owners = new Map<string, string>()
  const own = (token: string, path: Path, owner: string) => {
    const other = owners.get(token)
    if (other !== undefined) fault(path, `a token of its own; "${token}" is ${other}'s`)
    owners.set(token, other ?? owner)
  }
  value.vehicles.forEach(({ id, id_tokens }, index) => {
    id_tokens.forEach((token, at) => {
      own(token, ['vehicles', index, 'id_tokens', at], id)
    })
  })
  value.people.forEach(({ name, id_token }, index) => {
    own(id_token, ['people', index, 'id_token'], name)
  })
  value.departures.forEach((departure, index) => {
    if (!value.vehicles.some(({ id }) => id === departure.vehicle))
      fault(['departures', index, 'vehicle'], 'a vehicle of this file')
    if (departure.energy_needed_kwh !== undefined && departure.soc_needed_pct !== undefined)
      fault(['departures', index], 'energy_needed_kwh or soc_needed_pct, not both')
  })
}
