import { DepotError } from '@busbar/model/depot-error.ts'

type Parsed<T> =
  | { readonly success: true; readonly data: T }
  | {
      readonly success: false
      readonly error: {
        readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
      }
    }

/** A contract's schema. */
export interface Shape<T> {
  safeParse(value: unknown): Parsed<T>
}

/** `value` as the contract has it. @throws DepotError `page.misfit` naming the first place that does not fit */
export function decode<T>(shape: Shape<T>, value: unknown): T {
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new DepotError(
    'page.misfit',
    `At ${issue?.path.map(String).join('.') || 'the top'}: ${issue?.message}`,
  )
}
