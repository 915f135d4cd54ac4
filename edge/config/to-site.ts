import {
  as,
  type CircuitId,
  type EvseKey,
  type IdToken,
  type MeterId,
  type StationId,
  type VehicleId,
} from '@busbar/model/ids.ts'
import { amps, volts, wattHours, watts } from '@busbar/units/electricity.ts'
import { sumPhases } from '@busbar/units/per-phase.ts'
import { milliseconds } from '@busbar/units/time.ts'
import type { Fleet, Vehicle } from '../domain/charging/vehicle.ts'
import { voltageAt } from '../domain/site/feeding.ts'
import type { Circuit, Evse, Site } from '../domain/site/site.ts'
import { evsesOfStation } from '../domain/site/station-definition.ts'
import { parentOf, specialsOf, spread, toCabinet, toLimit } from './equipment.ts'
import { formulasOf, isPart, pollOf } from './meters.ts'
import type { DepotConfig } from './schema.ts'

type CircuitConfig = DepotConfig['site']['circuits'][number]

/** The electrical side of the configuration. */
export function toSite(config: DepotConfig): Site {
  const formulas = formulasOf(config)
  const meterOf = new Map(
    config.meters
      .filter((meter) => !isPart(config, meter))
      .map((meter) => [meter.circuit, as<MeterId>(meter.id)]),
  )
  const circuits = config.site.circuits.map((circuit) => {
    const meter = meterOf.get(circuit.id) ?? null
    const accuracyPct = config.meters.find(({ id }) => id === meter)?.accuracy_pct ?? 0
    const targetKw = circuit.parent === undefined ? config.site.demand_target_kw : undefined
    const rated = toCircuit(circuit, { meter, accuracyPct })
    return targetKw === undefined ? rated : { ...rated, demandTargetW: watts(targetKw * 1000) }
  })
  const evses = config.stations.flatMap(({ id, name = null, circuit, evses: own }) =>
    evsesOfStation(as<StationId>(id), { name, circuit, evses: own }),
  )
  const site: Site = {
    nominalV: volts(config.site.nominal_voltage_v),
    circuits: new Map(circuits.map((circuit) => [circuit.id, circuit])),
    evses: new Map(evses.map((evse): [EvseKey, Evse] => [evse.key, evse])),
    cabinets: config.stations.flatMap(toCabinet),
    limits: config.site.limits.map(toLimit),
    meters: new Map(
      config.meters.map((meter) => {
        const id = as<MeterId>(meter.id)
        return [
          id,
          {
            id,
            name: meter.name,
            role: meter.role,
            circuit: as<CircuitId>(meter.circuit),
            poll: milliseconds(pollOf(config, formulas, id)),
            virtual: formulas.get(id) ?? null,
            selfTest: meter.self_test ?? (config.depot.virtual ? 'automatic' : 'required'),
            setup: setupOf(meter),
            unbalanceLimitA: meter.unbalance_limit_a ?? null,
          },
        ]
      }),
    ),
  }
  return withOtherLoads(site, config.site.circuits)
}

/** What other loads amount to in W where the file tells only A, at the voltage of their circuit. */
function withOtherLoads(site: Site, configs: readonly CircuitConfig[]): Site {
  const untold = new Set(
    configs.filter(({ other_loads_kw: kw }) => kw === undefined).map(({ id }) => as<CircuitId>(id)),
  )
  const told = (circuit: Circuit): Circuit =>
    untold.has(circuit.id)
      ? { ...circuit, otherLoadsW: watts(sumPhases(circuit.otherLoadsA) * voltageAt(site, circuit.id)) }
      : circuit
  return { ...site, circuits: new Map([...site.circuits].map(([id, circuit]) => [id, told(circuit)])) }
}

/** What was proven of a meter holds as long as this stays: its map, its place and its wiring. */
const setupOf = ({
  name: _name,
  poll_ms: _poll,
  self_test: _test,
  ...installed
}: DepotConfig['meters'][number]) => JSON.stringify(installed)

function toCircuit(circuit: CircuitConfig, of: { meter: MeterId | null; accuracyPct: number }): Circuit {
  const { limit_kw: limitKw } = circuit
  const errorOf = (rating: number) => (rating * of.accuracyPct) / 100
  return {
    id: as<CircuitId>(circuit.id),
    name: circuit.name,
    note: circuit.note ?? null,
    parent: parentOf(circuit),
    ...specialsOf(circuit),
    ratingA: spread(circuit.rating_a),
    limitW: limitKw === undefined ? null : watts(limitKw * 1000),
    derate: circuit.derate,
    meter: of.meter,
    otherLoadsA: spread(circuit.other_loads_a),
    otherLoadsW: watts((circuit.other_loads_kw ?? 0) * 1000),
    marginA: amps(Math.max(circuit.margin_a, errorOf(Math.max(...Object.values(spread(circuit.rating_a)))))),
    marginW: watts(Math.max(circuit.margin_kw * 1000, errorOf((limitKw ?? 0) * 1000))),
  }
}

/** The vehicles and tokens of the configuration. */
export function toFleet(config: DepotConfig): Fleet {
  const vehicles = config.vehicles.map(
    (vehicle): Vehicle => ({
      id: as<VehicleId>(vehicle.id),
      idTokens: vehicle.id_tokens.map((token) => as<IdToken>(token)),
      evccid: vehicle.evccid ?? null,
      batteryWh: wattHours(vehicle.battery_kwh * 1000),
      ...(vehicle.battery_max_v === undefined ? {} : { batteryV: volts(vehicle.battery_max_v) }),
      priority: vehicle.priority,
      ...(vehicle.group === undefined ? {} : { group: vehicle.group }),
    }),
  )
  return {
    vehicles: new Map(vehicles.map((vehicle) => [vehicle.id, vehicle])),
    byToken: new Map(
      vehicles.flatMap((vehicle) => vehicle.idTokens.map((token) => [token, vehicle.id] as const)),
    ),
    people: new Set(config.people.map((person) => as<IdToken>(person.id_token))),
  }
}
