import { PHASES } from '@busbar/units/per-phase.ts'
import { minutes } from '@busbar/units/time.ts'
import { describe, expect, it } from 'vitest'
import type { Fact, FactTypes } from '../domain/facts.ts'
import { storedFact } from '../domain/ports/fact-line.ts'
import type { FleetVehicle } from '../simulators/depot/depot.ts'
import type { Version } from '../simulators/station/dialect.ts'
import { TestDepot } from './test-depot.ts'

const START = Date.UTC(2026, 10, 21, 17, 58)
const SIX = 18 * 60
const FEEDER_A = 70

const STATIONS = ['A1', 'A2', 'A3'].map((id) => ({ id, feeder: 'hall' }))
const FLEET = STATIONS.map(
  ({ id }, index): FleetVehicle => ({
    vehicle: {
      id: `v-${id}`,
      idToken: `TAG-v-${id}`,
      batteryWh: index === 0 ? 3_000 : 300_000,
      phases: 3,
      maxAcW: 22_000,
      maxDcW: 60_000,
    },
    visits: [
      {
        station: id,
        arrivalMinute: SIX + index * 2,
        departureMinute: SIX + 9 + index,
        socPct: 60,
        socNeededPct: 100,
      },
    ],
  }),
)

/** The night with these versions; tells by how much the feeder was ever above its rating, A. */
async function night(versions: readonly Version[]) {
  const test = await TestDepot.start({
    startMs: START,
    gridA: 200,
    otherA: 60,
    feeders: [{ id: 'hall', ratingA: FEEDER_A }],
    stations: STATIONS.map((station, index) => ({ ...station, version: versions[index] ?? '1.6' })),
    fleet: FLEET,
  })
  const seen = { overA: Number.NEGATIVE_INFINITY, protocols: new Set<string>() }
  await test.pass(minutes(15), () => {
    const drawn = test.drawnA('hall')
    seen.overA = Math.max(seen.overA, ...PHASES.map((phase) => drawn[phase] - FEEDER_A))
  })
  const records = await test.edge.control.depot.deps.factLog.read(0, 20_000)
  const facts = records.map(({ line }) => storedFact(line).fact)
  for (const fact of facts) if (fact.type === 'StationConnected') seen.protocols.add(fact.data.protocol)
  const transactions = await test.transactions()
  await test.stop()
  return { facts, transactions, ...seen }
}

/**
 * What each EVSE went through, without what belongs to one version alone: how it names a transaction, and the states
 * that it has no word for. Only 1.6 says with the status, and not with the transaction, that a vehicle is there. What
 * happens within a second has no order between EVSEs, and a limit that is only renewed is no other.
 */
function storyOf(facts: readonly Fact[], station: string): string[] {
  const told = facts.flatMap((fact) => {
    const chapter = chapterOf(fact)
    return chapter !== null && 'station' in fact.data && fact.data.station === station ? [chapter] : []
  })
  const kinds = [...new Set(told.map(([kind]) => kind))].toSorted()
  return kinds.flatMap((kind) => {
    const own = told.flatMap(([of, text]) => (of === kind ? [text] : []))
    return [kind, ...own.filter((text, index) => text !== own[index - 1])]
  })
}

function chapterOf({ type, data }: Fact): readonly [kind: string, text: string] | null {
  switch (type) {
    case 'StationBooted':
    case 'IdTokenAuthorized':
    case 'OrphanReported':
      return [type, JSON.stringify(data)]
    case 'TransactionEnded':
    case 'TransactionCorrected':
      return [type, JSON.stringify({ ...data, meter_stop_wh: null, energy_wh: null })]
    case 'TransactionStarted':
      return [type, JSON.stringify({ ...data, start_key: null })]
    case 'ConnectorStatusReported':
      return data.evse === 0 ? null : [type, `${data.status} ${stateOf(data)}`]
    case 'ChargingLimitSent':
      return [`${type} ${data.purpose}`, JSON.stringify(data.limit)]
    case 'ChargingLimitAnswered':
      return [type, data.answer]
    default:
      return null
  }
}

const stateOf = ({ status, charging_state }: FactTypes['ConnectorStatusReported']) =>
  status === 'Occupied' ? (charging_state ?? 'EVConnected') : charging_state

/** Watt-hours may differ by the part of a second at which a limit reached a station. */
const withoutEnergy = <T extends { energy_wh: number }>({ energy_wh: _, ...rest }: T) => rest

describe('a charging night', () => {
  it('of stations of OCPP 2.0.1 gives the same facts as one of OCPP 1.6', async () => {
    const old = await night(['1.6', '1.6', '1.6'])
    const young = await night(['2.0.1', '2.0.1', '2.0.1'])
    expect([...young.protocols]).toEqual(['ocpp2.0.1'])
    expect(old.transactions).toHaveLength(3)
    expect(young.transactions.map(withoutEnergy)).toEqual(old.transactions.map(withoutEnergy))
    for (const [index, { energy_wh }] of old.transactions.entries())
      expect(Math.abs((young.transactions[index]?.energy_wh ?? 0) - energy_wh)).toBeLessThan(energy_wh / 50)
    for (const { id } of STATIONS) expect(storyOf(young.facts, id)).toEqual(storyOf(old.facts, id))
  }, 240_000)

  it('of a depot of three versions stays within its feeder, and uses it', async () => {
    const { overA, protocols, transactions } = await night(['1.6', '2.0.1', '2.1'])
    expect(protocols).toEqual(new Set(['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1']))
    expect(overA).toBeLessThanOrEqual(0)
    expect(overA).toBeGreaterThan(-8)
    expect(transactions.map(({ station }) => station).sort()).toEqual(['A1', 'A2', 'A3'])
    for (const { energy_wh } of transactions) expect(energy_wh).toBeGreaterThan(700)
  }, 240_000)
})
