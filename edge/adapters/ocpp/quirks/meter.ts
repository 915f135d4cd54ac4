import { type WattHours, wattHours, watts } from '@busbar/units/electricity.ts'
import { type PerPhase, PHASES } from '@busbar/units/per-phase.ts'
import { between, hours, type Instant, seconds } from '@busbar/units/time.ts'
import type { EvseSample, Input } from '../../../domain/inputs.ts'
import { numberOf, textOf } from '../tolerant.ts'
import { EvseOf } from './evse-of.ts'
import type { Handlings, Quirk } from './quirk.ts'
import { eachEnvelope, eachSample, measurandOf, without } from './samples.ts'

/** The meter group: how a station's values are to be read. */
export const METER_QUIRKS = {
  'meter.connector-zero': {
    how: 'Values of connector 0 count for the first EVSE; those of all together, or of the station itself, for none.',
    make: (how) => ({
      means: (input) =>
        input.type === 'meter-values' && input.evse === 0
          ? { ...input, ...(how === 'as-connector-1' ? { evse: 1 } : { samples: [] }) }
          : input,
    }),
  },
  'meter.register': {
    how: 'A register that counts one transaction starts at 0, whatever the start says.',
    make: (register) => (register === 'transaction' ? startsAt(() => wattHours(0)) : {}),
  },
  'meter.register-max': {
    how: 'A register that has wrapped goes on from where it was; one above what it can hold is passed over.',
    make: unwraps,
  },
  'meter.baseline': {
    how: 'A placeholder at the start is no register: what is seen first takes its place.',
    make: (how) => {
      if (how === 'trust') return {}
      return startsAt((wh) => (how === 'first-sample' || wh === 0 ? wattHours(-1) : wh))
    },
  },
  'meter.energy-source': {
    how: 'Of registers in values and registers at the stop, only the right ones are read.',
    make: (source) => ({ means: source === 'transaction' ? registerOfValues : registerOfStop }),
  },
  'meter.late-values-s': {
    how: 'Values so long after a stop are history and no draw of now.',
    make: lateValues,
  },
  'meter.totals': {
    how: 'A total more than a tenth off the sum of its phases is passed over for that sum.',
    make: (how) => (how === 'recompute' ? eachEnvelope(withoutWrongTotals) : {}),
  },
  'meter.power': {
    how: 'Power is worked out from current and voltage, or from the register.',
    make: (how) => {
      if (how === 'as-sent') return {}
      return how === 'from-current' ? { means: eachSample(powerFromCurrent) } : powerFromEnergy()
    },
  },
  'meter.phase-order': {
    how: 'What it calls its first, second and third phase is what the profile says.',
    make: (order) => ({ means: eachSample((sample) => reordered(sample, order)) }),
  },
  'meter.direction': {
    how: 'What it says it exports it imports.',
    make: (how) => (how === 'as-sent' ? {} : eachEnvelope((sampled) => sampled.map(asImport))),
  },
  'meter.keep-clock-samples': {
    how: 'Values by the clock are read like all others, from every station.',
  },
  'meter.no-trigger': {
    how: 'It is not asked for values.',
    make: () => ({
      sends: (command, usual) =>
        command.kind === 'trigger' && command.message === 'MeterValues'
          ? Promise.resolve({ status: 'rejected', reason: 'this model does not send values when asked' })
          : usual(command),
    }),
  },
} as const satisfies Handlings

/** The register at the start as it is meant; below 0 there is none. */
const startsAt = (meant: (wh: WattHours) => WattHours): Quirk => ({
  means(input) {
    if (input.type === 'transaction-started') return { ...input, meterStartWh: meant(input.meterStartWh) }
    if (input.type !== 'transaction-event' || input.kind !== 'Started') return input
    return eachSample((sample) => {
      if (sample.registerWh === undefined) return sample
      const registerWh = meant(sample.registerWh)
      return registerWh < 0 ? without(sample, 'registerWh') : { ...sample, registerWh }
    })(input)
  },
})

const registerOfValues = (input: Input): Input =>
  input.type === 'meter-values' ? eachSample((sample) => without(sample, 'registerWh'))(input) : input

function registerOfStop(input: Input): Input {
  if (input.type === 'transaction-ended') return { ...input, meterStopWh: null }
  if (input.type !== 'transaction-event' || input.kind !== 'Ended') return input
  return eachSample((sample) => without(sample, 'registerWh'))(input)
}

/** Further down than half its range is a wrap; a smaller step back is a step back. Each EVSE counts by itself. */
function unwraps(most: number): Quirk {
  const evses = new EvseOf()
  const counts = new Map<number | null, { last: number; turns: number }>()
  const realAt = (evse: number | null) => (wh: number) => {
    if (wh > most) return null
    const { last, turns } = counts.get(evse) ?? { last: wh, turns: 0 }
    const now = { last: wh, turns: last - wh > most / 2 ? turns + 1 : turns }
    counts.set(evse, now)
    return wattHours(wh + now.turns * most)
  }
  return {
    means(input, self) {
      const real = realAt(evses.of(input, self))
      if (input.type === 'transaction-started')
        return {
          ...input,
          meterStartWh:
            input.meterStartWh < 0 ? input.meterStartWh : (real(input.meterStartWh) ?? wattHours(-1)),
        }
      const told = eachSample((sample) => {
        const registerWh = sample.registerWh === undefined ? null : real(sample.registerWh)
        return registerWh === null ? without(sample, 'registerWh') : { ...sample, registerWh }
      })(input)
      if (told.type !== 'transaction-ended' || told.meterStopWh === null) return told
      return { ...told, meterStopWh: real(told.meterStopWh) }
    },
  }
}

/** A stop at one EVSE makes no history of what the others tell. */
function lateValues(forS: number): Quirk {
  const evses = new EvseOf()
  const stoppedAt = new Map<number, Instant>()
  return {
    means(input, self) {
      const evse = evses.of(input, self)
      if (evse === null) return input
      const now = self.clock.now()
      if (input.type === 'transaction-started' || input.type === 'transaction-event') stoppedAt.delete(evse)
      const ends = input.type === 'transaction-event' && input.kind === 'Ended'
      if (ends || input.type === 'transaction-ended') stoppedAt.set(evse, now)
      const stopped = stoppedAt.get(evse)
      const late = stopped !== undefined && between(stopped, now) <= seconds(forS)
      if (input.type !== 'meter-values' || !late) return input
      return eachSample((sample) => without(sample, 'powerW', 'currentA', 'offeredA'))(input)
    },
  }
}

type Sampled = Parameters<typeof measurandOf>[0]

function withoutWrongTotals(all: readonly Sampled[]): readonly Sampled[] {
  return all.filter((sampled) => {
    if (textOf(sampled.phase) !== null) return true
    const parts = all.filter(
      (one) => measurandOf(one) === measurandOf(sampled) && /^L[123](-N)?$/.test(textOf(one.phase) ?? ''),
    )
    const sum = parts.reduce((wh, one) => wh + (numberOf(one.value) ?? 0), 0)
    const told = numberOf(sampled.value) ?? 0
    return parts.length === 0 || Math.abs(told - sum) <= Math.max(1, Math.abs(sum) * 0.1)
  })
}

/** Where it tells no voltage. */
const NOMINAL_V = 230

function powerFromCurrent(sample: EvseSample): EvseSample {
  const { currentA, voltageV } = sample
  if (currentA === undefined) return without(sample, 'powerW')
  const power = PHASES.reduce(
    (sum, phase) => sum + (currentA[phase] ?? 0) * (voltageV?.[phase] ?? NOMINAL_V),
    0,
  )
  return { ...sample, powerW: watts(power) }
}

/** The mean power since the register of the EVSE was last told; without two registers there is none. */
function powerFromEnergy(): Quirk {
  const evses = new EvseOf()
  const before = new Map<number | null, { readonly wh: number; readonly at: Instant }>()
  return {
    means(input, self) {
      const evse = evses.of(input, self)
      return eachSample((sample) => {
        const { registerWh, time } = sample
        const last = before.get(evse)
        if (registerWh === undefined) return without(sample, 'powerW')
        before.set(evse, { wh: registerWh, at: time.at })
        const h = last === undefined ? 0 : between(last.at, time.at) / hours(1)
        if (last === undefined || h <= 0 || registerWh < last.wh) return without(sample, 'powerW')
        return { ...sample, powerW: watts((registerWh - last.wh) / h) }
      })(input)
    },
  }
}

function reordered(sample: EvseSample, order: string): EvseSample {
  const moved = <T>(values: Partial<PerPhase<T>>): Partial<PerPhase<T>> =>
    Object.fromEntries(
      PHASES.flatMap((phase, place) => {
        const value = values[phase]
        return value === undefined ? [] : [[`l${order[place]}`, value]]
      }),
    )
  return {
    ...sample,
    ...(sample.currentA === undefined ? {} : { currentA: moved(sample.currentA) }),
    ...(sample.voltageV === undefined ? {} : { voltageV: moved(sample.voltageV) }),
  }
}

const asImport = (sampled: Sampled): Sampled => ({
  ...sampled,
  measurand: measurandOf(sampled).replace('.Export', '.Import'),
})
