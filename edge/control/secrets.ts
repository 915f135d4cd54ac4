/** Variables whose values nobody may read again. @see OCPP 1.6 AuthorizationKey, 2.0.1 BasicAuthPassword */
const SECRET = /authorizationkey|basicauthpassword|password/i
/** User and password in an address. */
const USER_INFO = /(:\/\/)[^"/\s@]*@/g

/** A request as it may stand on record: the value of a secret variable and credentials in addresses are left out. */
export function withoutSecrets<T extends object>(params: T): T {
  const entries = Object.entries(params)
  const names = entries.filter(([key]) => key === 'key' || key === 'name').map(([, value]) => String(value))
  const secret = names.some((name) => SECRET.test(name))
  const kept = entries.map(([key, value]) => [
    key,
    (secret && key === 'value') || SECRET.test(key) ? '***' : withoutUsers(value),
  ])
  return Object.fromEntries(kept)
}

function withoutUsers(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(USER_INFO, '$1***@')
  if (Array.isArray(value)) return value.map(withoutUsers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutUsers(each)]))
}
