/** As much of a JSON schema as OCPP's have. */
export interface PayloadSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, PayloadSchema>>
  readonly required?: readonly string[]
  readonly items?: PayloadSchema
  readonly enum?: readonly string[]
  readonly maxLength?: number
  readonly format?: string
}

/** A payload that breaks its schema in one place. */
export interface Violation {
  readonly name: string
  readonly payload: unknown
}

/** Every way, one at a time, in which a valid payload can break its schema: members missing, null, odd or too many. */
export function violationsOf(schema: PayloadSchema, valid: unknown, at = ''): Violation[] {
  if (Array.isArray(valid))
    return violationsOf(schema.items ?? {}, valid[0], `${at}[0]`).map(({ name, payload }) => ({
      name,
      payload: [payload, ...valid.slice(1)],
    }))
  if (typeof valid !== 'object' || valid === null)
    return oddValues(schema).map((odd) => ({ ...odd, name: `${at} ${odd.name}` }))
  const members = Object.entries(valid)
  const put = (key: string, value: unknown) => ({ ...valid, [key]: value })
  return [
    { name: `${at} with a member too many`.trim(), payload: put('unheardOf', 1) },
    ...(schema.required ?? []).map((key) => ({
      name: `without ${at}.${key}`.replace(' .', ' '),
      payload: Object.fromEntries(members.filter(([name]) => name !== key)),
    })),
    ...members.flatMap(([key, value]) => {
      const inner = schema.properties?.[key] ?? {}
      const place = at === '' ? key : `${at}.${key}`
      return [
        { name: `${place} null`, payload: put(key, null) },
        ...(typeof value === 'object' ? [{ name: `${place} of another type`, payload: put(key, 'x') }] : []),
        ...violationsOf(inner, value, place).map(({ name, payload }) => ({
          name,
          payload: put(key, payload),
        })),
      ]
    }),
  ]
}

function oddValues(schema: PayloadSchema): Violation[] {
  const { type, enum: words, maxLength, format } = schema
  return [
    { name: 'of another type', payload: type === 'string' ? {} : 'x' },
    ...(words === undefined ? [] : [{ name: 'of no known word', payload: 'Sideways' }]),
    ...(maxLength === undefined ? [] : [{ name: 'too long', payload: 'x'.repeat(maxLength + 1) }]),
    ...(format === undefined ? [] : [{ name: 'of no known form', payload: 'soon' }]),
    ...(type === 'integer' ? [{ name: 'with a fraction', payload: 1.5 }] : []),
  ]
}

/** What is left of a valid payload when only required members stay. */
export function minimalOf(schema: PayloadSchema, valid: unknown): unknown {
  if (Array.isArray(valid)) return valid.slice(0, 1).map((item) => minimalOf(schema.items ?? {}, item))
  if (typeof valid !== 'object' || valid === null) return valid
  const required = new Set(schema.required)
  return Object.fromEntries(
    Object.entries(valid)
      .filter(([key]) => required.has(key))
      .map(([key, value]) => [key, minimalOf(schema.properties?.[key] ?? {}, value)]),
  )
}

/** What a question asks about: members that must be there, and must be readable. */
export interface Subject {
  readonly absent: readonly string[]
  readonly odd: readonly string[]
}
export const about = (...names: readonly string[]): Subject => ({ absent: names, odd: names })

/** The error that this violation gets, since it takes from a question what it asks about; null for any other. */
export function lackIn(violation: string, subject: Subject | undefined): string | null {
  const { absent, odd } = subject ?? about()
  if (absent.some((name) => [`without ${name}`, `${name} null`].includes(violation)))
    return 'OccurrenceConstraintViolation'
  return odd.some((name) => violation === `${name} of another type`) ? 'TypeConstraintViolation' : null
}
