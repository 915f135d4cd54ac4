/** A number that cannot be a quantity: not finite, or out of the unit's domain. */
export class UnitError extends RangeError {
  override readonly name = 'UnitError'
}

/** Returns `value` when it is finite. @throws UnitError naming the unit and the value */
export function finite(value: number, unit: string): number {
  if (!Number.isFinite(value)) throw new UnitError(`${value} is not a finite number of ${unit}`)
  return value
}
