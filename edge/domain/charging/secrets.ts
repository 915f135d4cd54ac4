/** What stands in place of a secret. */
export const MASK = '***'

/** Names of settings and members whose values are secrets, in any version and of any vendor. */
const SECRET = /authorizationkey|passw|secret|privatekey|simpin|\bpsk\b|presharedkey/i
/** User and password in an address. */
const USER_INFO = /(:\/\/)[^"/\s@]*@/g
/** An address at which this depot takes or gives a file: whoever reads it could be first to use it. */
const ONE_TIME = /(\/files\/)[A-Za-z0-9_-]{43}/g
/** Members that hold the value of a setting named beside them. */
const VALUES = new Set(['value', 'attributeValue', 'variableAttribute', 'data'])
/** VPN and APN settings hold a bare `key`, which elsewhere is a setting's name. */
const KEY_HOLDERS = new Set(['vpn', 'apn'])

const NONE: readonly string[] = []

/** Whether the value of a setting of this name is a secret: never on record, never in a log. */
export const namesSecret = (name: string): boolean => SECRET.test(name)

/**
 * A request, an answer or a whole frame as it may stand on record: passwords, keys, credentials and one-time addresses are
 * masked, and all else is as it was. For records and for the message log alike, so that neither shows what the other hides.
 * @param own settings of this station that are secrets under names that do not show it
 */
export function withoutSecrets<T>(value: T, own: readonly string[] = NONE): T {
  return masked(value, { within: '', own }) as T
}

interface Place {
  /** The member that it stands in. */
  readonly within: string
  readonly own: readonly string[]
}

function masked(value: unknown, { within, own }: Place): unknown {
  if (typeof value === 'string') return value.replace(USER_INFO, `$1${MASK}@`).replace(ONE_TIME, `$1${MASK}`)
  if (Array.isArray(value)) return value.map((each) => masked(each, { within, own }))
  if (typeof value !== 'object' || value === null) return value
  const settings = settingNames(value as Readonly<Record<string, unknown>>)
  const secret = settings.some((name) => SECRET.test(name) || own.includes(name))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const hidden = SECRET.test(name) || (secret && VALUES.has(name)) || isBareKey(within, name)
      return [name, hidden ? hide(member) : masked(member, { within: name, own })]
    }),
  )
}

const isBareKey = (within: string, name: string): boolean =>
  KEY_HOLDERS.has(within) && (name === 'key' || name === 'password')

/** How OCPP 1.6 (`key`), 2.0.1 (`variable.name`) and our own commands (`name`) name the setting an object is about. */
function settingNames({ key, name, variable }: Readonly<Record<string, unknown>>): readonly string[] {
  const named = typeof variable === 'object' && variable !== null && 'name' in variable ? variable.name : null
  return [key, name, named].filter((each) => typeof each === 'string')
}

const hide = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(hide)
  if (typeof value !== 'object' || value === null) return value === null ? null : MASK
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, hide(member)]))
}
