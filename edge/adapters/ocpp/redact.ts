/** What stands in place of a secret. */
export const MASK = '***'
/** Names of settings and members whose values are secrets, in any version and of any vendor. */
const SECRET = /authorizationkey|passw|secret|privatekey|simpin|\bpsk\b|presharedkey/i
/** Cheap test whether a frame is worth a closer look. */
const SUSPECT = /authorizationkey|passw|secret|privatekey|simpin|psk|presharedkey|:\/\/[^"/\s]*@|\/files\//i
const USER_INFO = /(:\/\/)[^"/\s@]*@/g
/** An address at which this depot takes or gives a file: whoever reads it could be first to use it. */
const ONE_TIME = /(\/files\/)[A-Za-z0-9_-]{43}/g
/** Members that hold the value of a setting named beside them. */
const VALUES = new Set(['value', 'attributeValue', 'variableAttribute', 'data'])
/** VPN and APN settings hold a bare `key`, which elsewhere is a setting's name. */
const KEY_HOLDERS = new Set(['vpn', 'apn'])

const NONE: readonly string[] = []

/**
 * The text of a frame with passwords, keys and credentials in addresses masked. What is no JSON is kept only in its head.
 * `own`: settings of this station that are secrets under names that do not show it.
 */
export function withoutSecrets(text: string, action: string | null, own: readonly string[] = NONE): string {
  const named = action !== null && SECRET.test(action)
  if (!SUSPECT.test(text) && !named && !own.some((key) => text.includes(key))) return text
  try {
    return JSON.stringify(masked(JSON.parse(text), { within: '', own }))
  } catch (error) {
    if (error instanceof SyntaxError) return `${text.slice(0, 40)}… (unreadable, and may hold a secret)`
    throw error
  }
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
  const members = Object.entries(value)
  const setting = settingName(value as Readonly<Record<string, unknown>>)
  const secret = SECRET.test(setting) || own.includes(setting)
  return Object.fromEntries(
    members.map(([name, member]) => {
      const hidden = SECRET.test(name) || (secret && VALUES.has(name)) || isBareKey(within, name)
      return [name, hidden ? hide(member) : masked(member, { within: name, own })]
    }),
  )
}

const isBareKey = (within: string, name: string): boolean =>
  KEY_HOLDERS.has(within) && (name === 'key' || name === 'password')

/** How 1.6 (`key`) and 2.0.1 (`variable.name`) name the setting that an object is about. */
function settingName(value: Readonly<Record<string, unknown>>): string {
  if (typeof value.key === 'string') return value.key
  const { variable } = value
  const named = typeof variable === 'object' && variable !== null && 'name' in variable ? variable.name : null
  return typeof named === 'string' ? named : ''
}

const hide = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(hide)
  if (typeof value !== 'object' || value === null) return value === null ? null : MASK
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, hide(member)]))
}
