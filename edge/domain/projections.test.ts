import { as, type StationId, type VehicleId } from '@busbar/model/ids.ts'
import { percent } from '@busbar/units/electricity.ts'
import { instant } from '@busbar/units/time.ts'
import { describe, expect, test } from 'vitest'
import { departures } from './charging/departures.ts'
import { stationRecords } from './charging/station.ts'
import type { Fact, FactTypes } from './facts.ts'
import { openIncidents } from './incidents/incident.ts'
import type { ProjectionDefinition } from './ports/projections.ts'
import { PROJECTIONS } from './projections.ts'

const fact = <T extends keyof FactTypes>(type: T, data: FactTypes[T]): Fact =>
  ({ type, occurred_at: instant(5), clock: 'synced', entity: { type: 'site', id: '' }, data }) as Fact
const fold = <Row>(definition: ProjectionDefinition<Row>, facts: readonly Fact[]) =>
  facts.reduce<Row | undefined>(
    (row, each) => definition.next(row, { seq: 1, recorded_at: instant(5), fact: each }),
    undefined,
  )

const station = as<StationId>('A')
const vehicle = as<VehicleId>('bus')
const booted = (firmware: string) =>
  fact('StationBooted', {
    station,
    vendor: 'V',
    model: 'M',
    serial: null,
    firmware,
    station_profile: 'generic',
  })
const status = (evse: number, now: FactTypes['ConnectorStatusReported']['status']) =>
  fact('ConnectorStatusReported', {
    station,
    evse,
    connector: 1,
    status: now,
    charging_state: null,
    error_code: null,
    vendor_error: null,
    info: null,
    since: instant(1),
  })

describe('the read models', () => {
  test('have names of their own', () => {
    const names = PROJECTIONS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  test('keep what a station said of itself and of each EVSE', () => {
    const row = fold(stationRecords, [
      status(1, 'Available'),
      booted('1.0'),
      status(2, 'Faulted'),
      status(1, 'Occupied'),
      booted('1.1'),
    ])
    expect(row).toMatchObject({ firmware: '1.1', bootedAt: 5 })
    expect(Object.entries(row?.connectors ?? {}).map(([evse, state]) => [evse, state.status])).toEqual([
      ['1', 'Occupied'],
      ['2', 'Faulted'],
    ])
  })

  test("keep each vehicle's next departure until it is set anew or removed", () => {
    const set = (soc: number) =>
      fact('DepartureSet', {
        vehicle,
        departure_at: instant(9),
        energy_needed_wh: null,
        soc_needed_pct: percent(soc),
        by: 'me',
      })
    expect(fold(departures, [set(80), set(60)])).toMatchObject({ socNeededPct: 60, departureAt: 9 })
    expect(fold(departures, [set(80), fact('DepartureRemoved', { vehicle, by: 'me' })])).toBeUndefined()
  })

  test('keep an incident from when it opened until it is resolved', () => {
    const subject = { type: 'meter', id: 'grid' } as const
    const opened = fact('IncidentOpened', {
      incident: 'i',
      code: 'meter.silent',
      severity: 2,
      subject,
      text: 't',
      action: 'a',
    })
    const resolved = fact('IncidentResolved', { incident: 'i', code: 'meter.silent', subject, reason: 'r' })
    expect(fold(openIncidents, [opened])).toMatchObject({ code: 'meter.silent', openedAt: 5 })
    expect(fold(openIncidents, [opened, resolved])).toBeUndefined()
  })

  test('take no notice of facts that are not theirs', () => {
    const other = fact('ControllerStarted', { boot_no: 1, software: '', config_hash: '' })
    const keys = PROJECTIONS.flatMap((definition) =>
      definition.keys({ seq: 1, recorded_at: instant(5), fact: other }),
    )
    expect(keys).toEqual([])
  })
})
