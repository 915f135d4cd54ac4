/** Variables whose values nobody may read again. @see OCPP 1.6 AuthorizationKey, 2.0.1 BasicAuthPassword */
const SECRET = /authorizationkey|basicauthpassword|password/i

/** A request as it may stand on record: the value of a secret variable is left out. */
export function withoutSecrets<T extends object>(params: T): T {
  const entries = Object.entries(params)
  const names = entries.filter(([key]) => key === 'key' || key === 'name').map(([, value]) => String(value))
  const secret = names.some((name) => SECRET.test(name))
  const kept = entries.map(([key, value]) => [
    key,
    (secret && key === 'value') || SECRET.test(key) ? '***' : value,
  ])
  return Object.fromEntries(kept)
}
