import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { loadMeterProfiles } from './load-meter-profiles.ts'
import { meterProfileShape, pointsOf } from './meter-profile.ts'

const folder = 'firmware-profiles/meters'
const schemaFile = 'firmware-profiles/schema/meter-profile.schema.json'
const parse = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.json') && !file.endsWith('.registers.json'),
)

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  readonly propertyNames?: { readonly enum?: readonly string[] }
  readonly additionalProperties?: Node | boolean
  readonly items?: Node
}

/** Where the keys of a value do not stand in the order of the schema. */
function disorder(value: unknown, node: Node | undefined, path = 'profile'): string[] {
  if (Array.isArray(value)) return value.flatMap((item, n) => disorder(item, node?.items, `${path}[${n}]`))
  if (typeof value !== 'object' || value === null) return []
  const order = node?.properties ? Object.keys(node.properties) : (node?.propertyNames?.enum ?? [])
  const keys = Object.keys(value)
  const free = !node?.properties && !node?.propertyNames?.enum
  const sorted = free ? keys : order.filter((key) => keys.includes(key))
  const extra = typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined
  return [
    ...(keys.join() === sorted.join() ? [] : [`${path}: ${keys.join(', ')} instead of ${sorted.join(', ')}`]),
    ...Object.entries(value).flatMap(([key, item]) =>
      disorder(item, node?.properties?.[key] ?? extra, `${path}.${key}`),
    ),
  ]
}

const schema = z.toJSONSchema(meterProfileShape, { io: 'input' })

test('the published schema is the one profiles are read by', () => {
  expect(parse(schemaFile)).toEqual(JSON.parse(JSON.stringify(schema)))
})

test('every profile loads', async () => {
  expect((await loadMeterProfiles(folder)).size).toBe(files.length)
})

test('fields out of order are seen', () => {
  expect(disorder({ vendor: 'x', id: 'y' }, JSON.parse(JSON.stringify(schema)))).toHaveLength(1)
})

describe.each(files)('%s', (file) => {
  const raw = parse(`${folder}/${file}`)
  const profile = meterProfileShape.parse(raw)

  test('has its fields in the fixed order', () => {
    expect(disorder(raw, JSON.parse(JSON.stringify(schema)))).toEqual([])
  })

  test('names the schema it is written by', () => {
    expect(profile.$schema).toBe('../../schema/meter-profile.schema.json')
  })

  test('gives what limits and billing need: current and voltage of each phase, total power, energy', () => {
    const names = [...pointsOf(profile).map(({ name }) => name), ...Object.keys(profile.derived)]
    const needed = [
      'u_l1',
      'u_l2',
      'u_l3',
      'i_l1',
      'i_l2',
      'i_l3',
      'p_l1',
      'p_l2',
      'p_l3',
      'p_total',
      'f',
      'e_imp',
    ]
    expect(names).toEqual(expect.arrayContaining(needed))
  })
})
