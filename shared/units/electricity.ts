import { finite } from './unit-error.ts'

declare const unit: unique symbol

/** Amperes RMS; import positive. */
export type Amps = number & { readonly [unit]: 'A' }
/** Watts of active power; import and consumption positive, export negative. */
export type Watts = number & { readonly [unit]: 'W' }
/** Watt-hours; import positive. */
export type WattHours = number & { readonly [unit]: 'Wh' }
/** Volts RMS, phase to neutral unless the name says otherwise. */
export type Volts = number & { readonly [unit]: 'V' }
/** State of charge, 0 to 100 percent. */
export type Percent = number & { readonly [unit]: '%' }

/** @throws UnitError when `n` is not finite */
export const amps = (n: number): Amps => finite(n, 'amperes') as Amps
/** @throws UnitError when `n` is not finite */
export const watts = (n: number): Watts => finite(n, 'watts') as Watts
/** @throws UnitError when `n` is not finite */
export const wattHours = (n: number): WattHours => finite(n, 'watt-hours') as WattHours
/** @throws UnitError when `n` is not finite */
export const volts = (n: number): Volts => finite(n, 'volts') as Volts
/** @throws UnitError when `n` is not finite */
export const percent = (n: number): Percent => finite(n, 'percent') as Percent
