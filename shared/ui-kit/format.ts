/** Shown for what is not known. A measured zero is `0.0`. */
export const UNKNOWN = '–'

const oneDecimal = new Intl.NumberFormat('en-GB', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: 'negative',
})
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0, signDisplay: 'negative' })
const upToOne = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1, signDisplay: 'negative' })
const twoDecimals = new Intl.NumberFormat('en-GB', {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  signDisplay: 'negative',
})

type Maybe = number | null

const show = (value: Maybe, format: Intl.NumberFormat, per: number): string =>
  value === null || !Number.isFinite(value) ? UNKNOWN : format.format(value / per).replace('-', '−')

/** Kilowatts with one decimal, from W. */
export const kilowatts = (watts: Maybe): string => show(watts, oneDecimal, 1000)
/** A limit in kilowatts, from W: one decimal only when it has one. */
export const kilowattLimit = (watts: Maybe): string => show(watts, upToOne, 1000)
/** Whole amperes, from A. */
export const amperes = (amps: Maybe): string => show(amps, whole, 1)
/** Kilowatt-hours with one decimal, from Wh. */
export const kilowattHours = (wattHours: Maybe): string => show(wattHours, oneDecimal, 1000)
/** Whole percent with its sign. */
export const percent = (value: Maybe): string =>
  value === null ? UNKNOWN : `${show(value, whole, 1)}\u00a0%`

/** A figure and its unit, kW or kWh below a thousand of them and MW or MWh from there, from W or Wh. */
export function scaled(base: Maybe, unit: 'W' | 'Wh'): { value: string; unit: string } {
  const mega = base !== null && Math.abs(base) >= 1_000_000
  return {
    value: show(base, mega ? twoDecimals : oneDecimal, mega ? 1_000_000 : 1000),
    unit: `${mega ? 'M' : 'k'}${unit}`,
  }
}

const steps: readonly (readonly [below: number, per: number, unit: string, format: Intl.NumberFormat])[] = [
  [9_950, 1_000, 's', oneDecimal],
  [120_000, 1_000, 's', whole],
  [7_200_000, 60_000, 'min', whole],
  [172_800_000, 3_600_000, 'h', whole],
  [Number.POSITIVE_INFINITY, 86_400_000, 'd', whole],
]

/** An age in ms as people say it: `0.3 s`, `94 s`, `2 min`, `5 h`, `3 d`. What lies ahead is `0.0 s`. */
export function age(ms: Maybe): string {
  if (ms === null || Number.isNaN(ms)) return UNKNOWN
  const passed = Math.max(0, ms)
  for (const [below, per, unit, format] of steps)
    if (passed < below)
      return `${format.format(unit === 's' ? passed / per : Math.floor(passed / per))}\u00a0${unit}`
  return UNKNOWN
}

/** `1 vehicle`, `2 vehicles`. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${whole.format(n)} ${n === 1 ? one : many}`
