import { messageOf } from '@busbar/model/depot-error.ts'
import schemas201 from '@busbar/ocpp-schemas/ocpp2.0.1.json' with { type: 'json' }
import schemas21 from '@busbar/ocpp-schemas/ocpp2.1.json' with { type: 'json' }
import { createValidator } from 'ocpp-rpc'

/** The library's own typing of `validate` is wrong: it throws, and returns no promise. */
interface Validator {
  validate(schema: string, payload: object): void
}

/** What the two versions do not share. */
export interface Dialect {
  readonly subprotocol: 'ocpp2.0.1' | 'ocpp2.1'
  /** Limits can be made to end when the station has been offline for so long. @see OCPP 2.1 K28 */
  readonly offlineLimits: boolean
  /** Every action that has a request. */
  readonly actions: readonly string[]
  knows(action: string): boolean
  /** Why this request must not be sent, or null when its schema allows it. */
  faultOf(action: string, payload: object): string | null
}

/** The schemas of 2.1 forbid further members of mere words, which the validator finds worth a warning each. */
const tidied = (schema: object): object =>
  JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('enum' in value)) return value
    const { additionalProperties: _, ...word } = { additionalProperties: null, ...value }
    return word
  })

function dialect(
  of: Pick<Dialect, 'subprotocol' | 'offlineLimits'>,
  schemas: readonly { readonly $id: string }[],
  suffix: string,
): Dialect {
  const validator = createValidator(of.subprotocol, schemas.map(tidied)) as unknown as Validator
  const actions = schemas.flatMap(({ $id }) =>
    $id.endsWith(suffix) ? [$id.slice('urn:'.length, -suffix.length)] : [],
  )
  const known = new Set(actions)
  return {
    ...of,
    actions,
    knows: (action) => known.has(action),
    faultOf(action, payload) {
      if (!known.has(action)) return `${action}: no message of ${of.subprotocol}`
      try {
        validator.validate(`urn:${action}${suffix}`, payload)
        return null
      } catch (invalid) {
        return `${action}: ${messageOf(invalid)}`
      }
    },
  }
}

export const V201: Dialect = dialect({ subprotocol: 'ocpp2.0.1', offlineLimits: false }, schemas201, '.req')
export const V21: Dialect = dialect({ subprotocol: 'ocpp2.1', offlineLimits: true }, schemas21, 'Request')
