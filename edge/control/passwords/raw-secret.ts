type Payload = Readonly<Record<string, unknown>>

const OWN_SECRET = /^(authorizationkey|basicauthpassword)$/i

/** The new secret in a person's own request, if it sets one: of OCPP 1.6 in hex, of 2.0.1 as text. */
export function secretIn({
  action,
  payload,
}: {
  readonly action: string
  readonly payload: Payload
}): { readonly hex: string } | { readonly text: string } | null {
  if (action === 'ChangeConfiguration') {
    const { key, value } = payload
    if (typeof key !== 'string' || typeof value !== 'string' || !OWN_SECRET.test(key.trim())) return null
    return /^([0-9a-f]{2})+$/i.test(value) ? { hex: value } : { text: value }
  }
  if (action !== 'SetVariables' || !Array.isArray(payload.setVariableData)) return null
  const entries: readonly unknown[] = payload.setVariableData
  const values = entries.flatMap((entry) => {
    const { variable, attributeValue } = (entry ?? {}) as Payload
    const { name } = (variable ?? {}) as Payload
    return typeof name === 'string' && OWN_SECRET.test(name.trim()) && typeof attributeValue === 'string'
      ? [attributeValue]
      : []
  })
  return values.length === 0 ? null : { text: values.at(-1) ?? '' }
}
