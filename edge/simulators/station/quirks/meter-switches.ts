import { toIso } from '@busbar/units/time.ts'
import type { TransactionReport } from '../transaction-queue.ts'
import type { Quirk, QuirkedStation, Switches } from './quirk.ts'
import { type Sampled, sampledIn } from './sampled.ts'

const REGISTER = 'Energy.Active.Import.Register'
const POWER = 'Power.Active.Import'
const CURRENT = 'Current.Import'

/** The meter group: what is odd about the values a station sends. */
export const METER_SWITCHES = {
  'meter.connector-zero': (how) => (how === 'ignore' ? tellsItself() : tellsAsStation(how === 'sum')),
  'meter.register': (register) =>
    register === 'transaction'
      ? registers((wh, { kind, transaction }) => (kind === 'start' ? wh : wh - transaction.meterStartWh))
      : {},
  'meter.register-max': (most) => registers((wh) => wh % most),
  'meter.baseline': (how) => (how === 'trust' ? {} : startsAtNothing(how === 'ignore-zero' ? 0 : 1)),
  'meter.energy-source': (source) => (source === 'transaction' ? noRegister() : stopsWhereItStarted()),
  'meter.late-values-s': () => tellsValuesLate(),
  'meter.totals': (how) => (how === 'recompute' ? addsWrong() : {}),
  'meter.power': (how) => (how === 'as-sent' ? {} : tellsNoPower(how === 'from-energy')),
  'meter.phase-order': (order) => swapsPhases(order),
  'meter.direction': (how) => (how === 'as-sent' ? {} : wordsOf({ Import: 'Export' })),
  'meter.keep-clock-samples': (on) => (on ? onlyByTheClock() : {}),
  'meter.no-trigger': (on) => (on ? refusesTrigger() : {}),
} as const satisfies Switches

/** Values come as those of connector 0: of the one connector, or of two that draw the same. */
const tellsAsStation = (both: boolean): Quirk => ({
  says(said) {
    if (said.action !== 'MeterValues') return said
    const doubled = both ? sampledIn(said, (one) => [{ ...one, value: String(2 * Number(one.value)) }]) : said
    return { ...doubled, payload: { ...doubled.payload, connectorId: 0 } }
  },
})

/** Beside those of its connector it sends values of all it takes itself, as connector 0. */
function tellsItself(): Quirk {
  let toldAt = 0
  return {
    ticks(at, { connector, tell }) {
      const transactionId = connector.transaction?.id
      if (transactionId == null || at - toldAt < 30_000) return
      toldAt = at
      const sampledValue = [
        { value: '12', measurand: POWER, unit: 'W' },
        { value: '999999999', measurand: REGISTER, unit: 'Wh' },
      ]
      const meterValue = [{ timestamp: toIso(at), sampledValue }]
      tell('MeterValues', { connectorId: 0, transactionId, meterValue })
    },
  }
}

/** Every register of a transaction told otherwise. */
function registers(told: (wh: number, report: TransactionReport) => number): Quirk {
  return {
    tells(report) {
      const { payload } = report
      const of = (member: string) =>
        typeof payload[member] === 'number' ? { [member]: told(payload[member], report) } : {}
      const sampled = sampledIn({ action: '', payload }, (one) =>
        one.measurand === REGISTER ? [{ ...one, value: String(told(Number(one.value), report)) }] : [one],
      )
      return [{ ...report, payload: { ...sampled.payload, ...of('meterStart'), ...of('meterStop') } }]
    },
  }
}

/** The register at the start is a placeholder. */
const startsAtNothing = (wh: number): Quirk => ({
  tells: (report) => [
    report.kind === 'start' ? { ...report, payload: { ...report.payload, meterStart: wh } } : report,
  ],
})

const stopsWhereItStarted = (): Quirk => ({
  tells(report) {
    const { kind, payload, transaction } = report
    if (kind !== 'stop') return [report]
    return [{ ...report, payload: { ...payload, meterStop: transaction.meterStartWh } }]
  },
})

const told = (measurands: readonly string[], how: (one: Sampled) => readonly Sampled[]): Quirk => ({
  says: (said) => sampledIn(said, (one) => (measurands.includes(String(one.measurand)) ? how(one) : [one])),
})

/** Between start and stop the register means nothing. */
const noRegister = (): Quirk => told([REGISTER], (one) => [{ ...one, value: '999999999' }])

/** Values are told one behind, the last of a transaction after its stop. */
function tellsValuesLate(): Quirk {
  let behind: TransactionReport[] = []
  return {
    tells(report) {
      if (report.kind === 'start') return [report]
      const due = behind
      behind = report.kind === 'values' ? [report] : []
      return report.kind === 'values' ? due : [report, ...due]
    },
  }
}

/** Power by phase is right, and their sum is three times that. */
const addsWrong = (): Quirk =>
  told([POWER], (one) => {
    const all = Number(one.value)
    const parts = [1, 2, 3].map((n) => ({ ...one, value: String(all / 3), phase: `L${n}` }))
    return [{ ...one, value: String(all * 3) }, ...parts]
  })

/** A power that means nothing; without currents either, only the register tells. */
const tellsNoPower = (onlyEnergy: boolean): Quirk =>
  told([POWER, CURRENT], (one) => {
    if (one.measurand === POWER) return [{ ...one, value: '0' }]
    return onlyEnergy ? [] : [one]
  })

/** `order` is what its first, second and third phase really are. */
function swapsPhases(order: string): Quirk {
  return {
    says: (said) =>
      sampledIn(said, (one) => {
        const phase = /^L([123])(.*)$/.exec(String(one.phase ?? ''))
        if (phase === null) return [one]
        const named = [...order].indexOf(phase[1] ?? '') + 1
        return [{ ...one, phase: `L${named}${phase[2]}` }]
      }),
  }
}

const wordsOf = (words: Readonly<Record<string, string>>): Quirk => ({
  says: (said) =>
    sampledIn(said, (one) => {
      const measurand = Object.entries(words).reduce(
        (text, [from, to]) => text.replace(from, to),
        String(one.measurand),
      )
      return [{ ...one, measurand }]
    }),
})

const onlyByTheClock = (): Quirk => ({
  says: (said) => sampledIn(said, (one) => [{ ...one, context: 'Sample.Clock' }]),
})

const refusesTrigger = (): Quirk => ({
  answers: (asked, usual, _station: QuirkedStation) =>
    asked.action === 'TriggerMessage' && asked.payload.requestedMessage === 'MeterValues'
      ? { payload: { status: 'Rejected' } }
      : usual(asked),
})
