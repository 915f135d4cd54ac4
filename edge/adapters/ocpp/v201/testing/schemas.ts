import schemas from '@busbar/ocpp-schemas/ocpp2.0.1.json' with { type: 'json' }
import type { PayloadSchema } from '../../testing/violations.ts'

/** The schema of a request, with what it refers to put in its place and without vendors' own data. */
export function requestSchema(action: string): PayloadSchema {
  const found = schemas.find(({ $id }) => $id === `urn:${action}.req`)
  if (found === undefined) return {}
  const definitions = new Map(Object.entries('definitions' in found ? found.definitions : {}))
  const inPlace = (key: string, value: unknown): unknown => {
    if (key === 'customData' || key === 'definitions') return undefined
    if (typeof value !== 'object' || value === null || !('$ref' in value)) return value
    return definitions.get(String(value.$ref).split('/').at(-1) ?? '')
  }
  return JSON.parse(JSON.stringify(found, inPlace))
}

/** A payload with every member, each at its longest. */
export function maximalOf(schema: PayloadSchema, at: string): unknown {
  if (schema.enum) return schema.enum[0]
  if (schema.type === 'array') return [maximalOf(schema.items ?? {}, at)]
  if (schema.type === 'integer') return 3
  if (schema.type === 'number') return 2.5
  if (schema.type === 'boolean') return true
  if (schema.format === 'date-time') return at
  if (schema.type === 'string') return 'x'.repeat(schema.maxLength ?? 40)
  const members = Object.entries(schema.properties ?? {})
  return Object.fromEntries(members.map(([name, member]) => [name, maximalOf(member, at)]))
}
