/** Variables whose values nobody may read again. @see OCPP 1.6 AuthorizationKey, 2.0.1 BasicAuthPassword */
const SECRET = /authorizationkey|basicauthpassword|password/i
/** User and password in an address. */
const USER_INFO = /(:\/\/)[^"/\s@]*@/g
/** Members that hold the value of a variable named beside them. */
const VALUES = new Set(['value', 'attributeValue'])

/** A request as it may stand on record: values of secret variables and credentials in addresses are left out. */
export function withoutSecrets<T extends object>(params: T): T {
  const secret = SECRET.test(namedBy(params))
  const kept = Object.entries(params).map(([key, value]) => [
    key,
    (secret && VALUES.has(key)) || SECRET.test(key) ? '***' : masked(value),
  ])
  return Object.fromEntries(kept)
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(USER_INFO, '$1***@')
  if (Array.isArray(value)) return value.map(masked)
  return typeof value === 'object' && value !== null ? withoutSecrets(value) : value
}

/** The variable that an object is about: `key` of OCPP 1.6, `name` of our own words, `variable.name` of 2.0.1. */
function namedBy(params: object): string {
  const { key, name, variable } = params as {
    key?: unknown
    name?: unknown
    variable?: { name?: unknown } | null
  }
  return [key, name, variable?.name].filter((each) => typeof each === 'string').join(' ')
}
