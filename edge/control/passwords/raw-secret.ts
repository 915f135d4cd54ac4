import type { StationAnswer } from '../../domain/commands.ts'

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
  if (action !== 'SetVariables') return null
  const values = secretsIn(payload.setVariableData).flatMap(({ attributeValue }) =>
    typeof attributeValue === 'string' ? [attributeValue] : [],
  )
  return values.length === 0 ? null : { text: values.at(-1) ?? '' }
}

/** Words by which OCPP 2.0.1 says of one variable that it was not set. @see SetVariableStatusEnumType */
const NOT_SET = /^(rejected|unknowncomponent|unknownvariable|notsupportedattributetype)$/i

/** SetVariables is answered variable by variable: what the station made of the secret; null where the answer is all it says. */
export function secretRefusedBy(answer: StationAnswer): string | null {
  if (answer.status !== 'accepted') return null
  const words = secretsIn(answer.response?.setVariableResult).map(({ attributeStatus }) => attributeStatus)
  const refused = words.filter((word) => typeof word === 'string' && NOT_SET.test(word.trim()))
  return words.length > 0 && refused.length === words.length ? String(refused[0]) : null
}

/** The entries about its own secret, of what is to be set or of what came of it. */
function secretsIn(entries: unknown): readonly Payload[] {
  if (!Array.isArray(entries)) return []
  return (entries as readonly unknown[]).flatMap((entry) => {
    const { variable } = (entry ?? {}) as Payload
    const { name } = (variable ?? {}) as Payload
    return typeof name === 'string' && OWN_SECRET.test(name.trim()) ? [entry as Payload] : []
  })
}
