import schemas from '@busbar/ocpp-schemas/ocpp1.6.json' with { type: 'json' }
import type { PayloadSchema } from '../../testing/violations.ts'

/** The schema of a request, with what it refers to put in its place. */
export function requestSchema(action: string): PayloadSchema {
  const found = schemas.find(({ $id }) => $id === `urn:${action}.req`)
  if (found === undefined) return {}
  const definitions = new Map(Object.entries('definitions' in found ? found.definitions : {}))
  const inPlace = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !('$ref' in value)) return value
    return definitions.get(String(value.$ref).split('/').at(-1) ?? '')
  }
  return JSON.parse(JSON.stringify(found, inPlace))
}
