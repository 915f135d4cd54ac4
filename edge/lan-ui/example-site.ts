import type { CircuitView, EvseView, SiteView, TrendView } from '@busbar/contracts/lan-api/site-view.ts'

const DAY = '2026-11-21T'
const AT = `${DAY}23:47:12.300Z`
const at = (clock: string, day = '2026-11-22T'): string => `${day}${clock}:00.000Z`

type Short = Partial<EvseView> & Pick<EvseView, 'state' | 'reason'>

/** One EVSE with everything unknown but what is given; `offered` and `actual` in kW. */
function evse(label: string, circuit: string, short: Short): EvseView {
  const ac = circuit !== 'F3'
  return {
    station: label.split('/')[0] ?? label,
    evse: Number(label.split('/')[1] ?? 1),
    label,
    circuit,
    current: ac ? 'ac' : 'dc',
    phases: ['l1', 'l2', 'l3'],
    state_since: at('22:10', DAY),
    online: true,
    last_message_at: `${DAY}23:47:09.000Z`,
    rating_w: ac ? 11_000 : 50_000,
    vehicle: null,
    id_token: null,
    transaction: null,
    started_at: null,
    offered_w: null,
    offered_a: null,
    pending_w: null,
    actual_w: null,
    current_a: { l1: null, l2: null, l3: null },
    energy_wh: null,
    soc_pct: null,
    soc_estimated: false,
    soc_needed_pct: null,
    energy_needed_wh: null,
    values_at: null,
    held_w: 0,
    departure_at: null,
    readiness: null,
    ready_at: null,
    reason_code: 'free',
    binding_row: null,
    override: null,
    ...short,
  }
}

type Row = [
  label: string,
  state: EvseView['state'],
  vehicle: string,
  kw: [actual: number, offered: number],
  soc: [now: number | null, needed: number],
  leaves: string,
  reason: string,
]

function busy([label, state, vehicle, kw, soc, leaves, reason]: Row, circuit: string): EvseView {
  const amps = (kw[0] * 1000) / 690
  return evse(label, circuit, {
    state,
    reason,
    vehicle,
    id_token: `TOKEN-${vehicle}`,
    transaction: `10${label.replace(/\D/g, '')}`,
    started_at: at('21:30', DAY),
    offered_w: kw[1] * 1000,
    offered_a: (kw[1] * 1000) / 690,
    actual_w: kw[0] * 1000,
    current_a: { l1: amps, l2: amps, l3: amps },
    energy_wh: 900 * (soc[0] ?? 20),
    soc_pct: soc[0],
    soc_needed_pct: soc[0] === null ? null : soc[1],
    energy_needed_wh: soc[0] === null ? 900 * soc[1] : null,
    values_at: `${DAY}23:47:10.000Z`,
    departure_at: at(leaves),
    readiness: state === 'ready' ? 'ready' : 'on-track',
    ready_at: at('03:36'),
    reason_code: state === 'limited' ? 'circuit-full' : 'unlimited',
    binding_row: state === 'limited' ? `${circuit}/l1` : null,
  })
}

const FULL = 'Full power; nothing limits it'
const ROWS: Record<string, Row[]> = {
  F1: [
    ['A-01', 'charging', 'B-131', [11, 11], [74, 85], '04:25', FULL],
    ['A-02', 'charging', 'B-119', [11, 11], [66, 80], '05:10', FULL],
    ['A-03', 'ready', 'B-122', [0, 11], [92, 90], '04:40', 'Target reached at 23:20'],
    ['A-06', 'charging', 'B-140', [10.8, 11], [41, 80], '06:30', FULL],
    ['A-07', 'waiting', 'B-133', [0, 0], [58, 80], '07:05', 'Enough time after 02:30, cheaper then'],
    ['A-08', 'charging', 'B-126', [11, 11], [null, 90], '05:00', FULL],
  ],
  F2: [
    ['B-01', 'limited', 'B-108', [9.4, 9.6], [61, 90], '04:10', 'Feeder 2, L1 is full; first by departure'],
    ['B-02', 'limited', 'B-117', [9.4, 9.6], [38, 90], '04:30', 'Feeder 2, L1 is full; 6 min short'],
    ['B-03', 'limited', 'B-104', [7.1, 7.2], [55, 80], '04:45', 'Feeder 2, L1 is full'],
    ['B-04', 'limited', 'B-111', [6.8, 6.9], [49, 80], '05:20', 'Feeder 2, L1 is full'],
    ['B-05', 'charging', 'B-102', [7.3, 7.4], [77, 80], '05:40', 'One phase only; L3 has room'],
    ['B-06', 'limited', 'B-137', [4.1, 4.1], [62, 70], '07:45', 'At its minimum until L1 frees up'],
    ['B-07', 'waiting', 'B-128', [0, 0], [83, 85], '08:10', 'Feeder 2, L1 is full; enough time after 03:00'],
  ],
  F3: [
    ['C-01', 'charging', 'B-201', [49.8, 50], [34, 95], '05:15', 'Shares cabinet 1 with C-02'],
    ['C-02', 'charging', 'B-204', [49.6, 50], [47, 95], '05:45', 'Shares cabinet 1 with C-01'],
    ['C-03', 'limited', 'B-207', [37.9, 38], [52, 90], '06:00', 'Site limit; latest departure of the row'],
    [
      'C-04/1',
      'charging',
      'Articulated bus 3011-West',
      [18.2, 20],
      [88, 95],
      '06:20',
      'Its battery takes no more',
    ],
  ],
}

const QUIET: EvseView[] = [
  evse('A-04', 'F1', { state: 'available', reason: 'Free', actual_w: 0, values_at: `${DAY}23:47:10.000Z` }),
  evse('A-05', 'F1', { state: 'faulted', reason: 'Ground fault since 23:18', reason_code: 'faulted' }),
  evse('B-08', 'F2', { state: 'unavailable', reason: 'Out of use since Friday, by A. Technician' }),
  evse('C-05', 'F3', { state: 'unknown', reason: 'Not heard since the controller started', online: false }),
  evse('C-06', 'F3', { state: 'available', reason: 'Free', actual_w: 0, values_at: `${DAY}23:47:10.000Z` }),
  evse('C-07', 'F3', {
    state: 'offline',
    online: false,
    vehicle: 'B-209',
    transaction: '1077',
    actual_w: 21_400,
    offered_w: 22_000,
    soc_pct: 44,
    soc_needed_pct: 90,
    energy_wh: 31_200,
    departure_at: at('05:30'),
    values_at: at('23:40', DAY),
    held_w: 11_000,
    reason: 'Lost contact at 23:41; holds 11.0 kW until 23:52',
    reason_code: 'offline-reserved',
  }),
  evse('C-08', 'F3', {
    state: 'offline',
    online: false,
    held_w: 11_000,
    reason: 'Lost contact at 22:30; its fallback of 11.0 kW is held',
    reason_code: 'offline-reserved',
  }),
]

type Load = [building: number, vehicles: number, held: number]

const circuit = (
  named: Pick<CircuitView, 'id' | 'name' | 'note' | 'kind' | 'binding' | 'rating_a' | 'power_w'>,
  loads: [Load, Load, Load],
): CircuitView => ({
  ...named,
  operating_limit: null,
  parent: named.kind === 'grid' ? null : 'MAIN',
  conductors: loads.map(([building_a, vehicles_a, held_a], i) => ({
    phase: (['l1', 'l2', 'l3'] as const)[i] ?? 'l1',
    building_a,
    vehicles_a,
    held_a,
    limit_a: named.rating_a,
    measured_a: building_a + vehicles_a,
  })),
})

const CIRCUITS: CircuitView[] = [
  circuit(
    {
      id: 'MAIN',
      name: 'Main board',
      note: null,
      kind: 'grid',
      binding: false,
      rating_a: 725,
      power_w: 428_600,
    },
    [
      [144, 471, 32],
      [144, 447, 32],
      [144, 430, 32],
    ],
  ),
  circuit(
    {
      id: 'F1',
      name: 'Feeder 1',
      note: 'AC hall',
      kind: 'feeder',
      binding: false,
      rating_a: 250,
      power_w: 132_400,
    },
    [
      [40, 148, 0],
      [40, 151, 0],
      [40, 139, 0],
    ],
  ),
  circuit(
    {
      id: 'F2',
      name: 'Feeder 2',
      note: 'AC yard',
      kind: 'feeder',
      binding: true,
      rating_a: 250,
      power_w: 158_900,
    },
    [
      [44, 203, 0],
      [44, 176, 0],
      [44, 171, 0],
    ],
  ),
  circuit(
    {
      id: 'F3',
      name: 'Feeder 3',
      note: 'DC row',
      kind: 'feeder',
      binding: false,
      rating_a: 400,
      power_w: 137_300,
    },
    [
      [60, 150, 32],
      [60, 150, 32],
      [60, 150, 32],
    ],
  ),
]

const BINDING: SiteView['binding'] = {
  circuit: 'F2',
  name: 'Feeder 2',
  row: 'l1',
  load: 247,
  limit: 250,
  unit: 'A',
  vehicles: 7,
  headline: 'Feeder 2, phase L1 sets the pace',
  sentence:
    '247 of 250 A. Seven vehicles share it by departure time; the next one to leave is B-108 at 04:10.',
}

const METERS: SiteView['meters'] = [
  {
    id: 'grid',
    name: 'Grid meter',
    role: 'grid',
    circuit: 'MAIN',
    quality: 'live',
    reason: null,
    measured_at: `${DAY}23:47:12.000Z`,
    age_ms: 300,
    power_w: 428_600,
    current_a: { l1: 615, l2: 591, l3: 574 },
  },
]

const INCIDENTS: SiteView['incidents'] = [
  {
    id: '1',
    code: 'station.fault',
    severity: 1,
    subject: { type: 'station', id: 'A-05' },
    text: 'Station A-05: ground fault',
    action: 'CX002. Keep people away; call a qualified person.',
    opened_at: at('23:18', DAY),
  },
  {
    id: '2',
    code: 'station.offline',
    severity: 2,
    subject: { type: 'station', id: 'C-07' },
    text: 'Station C-07 offline',
    action: '11.0 kW held until its lease ends at 23:52',
    opened_at: at('23:41', DAY),
  },
  {
    id: '3',
    code: 'station.refused-limit',
    severity: 3,
    subject: { type: 'station', id: 'B-03' },
    text: 'B-03 refused a profile',
    action: 'Retried with a default profile; obeys since 22:03',
    opened_at: at('22:02', DAY),
  },
]

const DEPARTURES: SiteView['departures'] = [
  ['B-108', '04:10', 'B-01', 61, 90, 'on-track', '61 % now, 90 % needed, ready 03:36'],
  ['B-131', '04:25', 'A-01', 74, 85, 'on-track', '74 % now, 85 % needed, ready 02:50'],
  ['B-117', '04:30', 'B-02', 38, 90, 'not-ready', '38 % now, 90 % needed, 6 min short. Prioritise or swap'],
  ['B-122', '04:40', 'A-03', 92, 90, 'ready', '92 %, waiting'],
  ['B-104', '04:45', 'B-03', 55, 80, 'at-risk', '55 % now, 80 % needed, ready 04:38'],
].map(([vehicle, leaves, place, soc, needed, readiness, sentence]) => ({
  vehicle: String(vehicle),
  departure_at: at(String(leaves)),
  evse: String(place),
  soc_pct: Number(soc),
  soc_needed_pct: Number(needed),
  energy_needed_wh: null,
  energy_done_wh: null,
  readiness:
    readiness === 'ready' || readiness === 'not-ready' || readiness === 'at-risk' ? readiness : 'on-track',
  ready_at: at('03:36'),
  sentence: String(sentence),
}))

/** A night at a depot with 24 EVSEs on three feeders, with every state in it. */
export const exampleSite = (): SiteView => ({
  version: 21,
  depot: { id: 'westfield', name: 'Westfield depot', virtual: true, time_zone: 'Europe/London' },
  at: AT,
  clock: { quality: 'synced', scale: 1 },
  power: {
    import_w: 428_600,
    building_w: 98_300,
    vehicles_w: 330_300,
    limit_w: 500_000,
    held_w: 22_000,
    headroom_w: 49_400,
    measured_at: `${DAY}23:47:12.000Z`,
    age_ms: 300,
    quality: 'live',
  },
  demand: {
    window_start: at('23:45', DAY),
    window_end: at('00:00'),
    so_far_w: 451_000,
    forecast_w: 487_000,
    permitted_w: 511_000,
    limit_w: 500_000,
    flagged: false,
  },
  binding: BINDING,
  meters: METERS,
  circuits: CIRCUITS,
  stations: { total: 24, online: 21, charging: 14, faulted: 1, offline_reserved: 2 },
  evses: [...Object.entries(ROWS).flatMap(([id, rows]) => rows.map((row) => busy(row, id))), ...QUIET],
  cloud: { state: 'live', since: at('18:00', DAY), unsent: 0, oldest_unsent_at: null, reason: null },
  startup: [],
  incidents: INCIDENTS,
  departures: DEPARTURES,
  tariff: { name: 'Night', price_per_kwh: 0.18, currency: 'GBP', until: at('06:00') },
})

/** The quarter of an hour before it, one point every five seconds, with half a minute not measured. */
export function exampleTrend(): TrendView {
  const end = Date.parse(AT)
  const points = Array.from({ length: 180 }, (_, i) => {
    const wave = 430 + 42 * Math.sin(i / 31) + 9 * Math.sin(i / 5.1) + (i > 124 ? 12 : 0)
    const gap = i >= 70 && i < 76
    const building = 96 + 3 * Math.sin(i / 17)
    return {
      at: new Date(end - (180 - i) * 5000).toISOString(),
      import_w: gap ? null : wave * 1000,
      building_w: gap ? null : building * 1000,
      vehicles_w: (wave - building) * 1000,
      limit_w: 500_000,
    }
  })
  return { at: AT, window_s: 900, points }
}
