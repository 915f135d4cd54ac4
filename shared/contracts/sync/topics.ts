import { SYNC_VERSION } from './version.ts'

/** What a depot may publish, below `busbar/1/DEPOT/up/`. */
export const UP_NAMES = [
  'presence',
  'state',
  'hello',
  'facts',
  'telemetry',
  'heartbeat',
  'cmd',
  'req',
] as const
/** What the cloud may publish, below `busbar/1/DEPOT/dn/`; never retained. */
export const DOWN_NAMES = ['welcome', 'ack', 'cmd', 'intent', 'res'] as const
/** The only two a depot may retain. */
export const RETAINED_NAMES: readonly UpName[] = ['presence', 'state']

export type UpName = (typeof UP_NAMES)[number]
export type DownName = (typeof DOWN_NAMES)[number]

/** Form of a depot id, which is also its MQTT client id and user name. */
export const DEPOT_ID = /^[a-z0-9][a-z0-9-]{0,62}$/

const prefix = `busbar/${SYNC_VERSION}`

export const upTopic = (depot: string, name: UpName): string => `${prefix}/${depot}/up/${name}`
export const downTopic = (depot: string, name: DownName): string => `${prefix}/${depot}/dn/${name}`
/** What a depot subscribes to. */
export const downFilter = (depot: string): string => `${prefix}/${depot}/dn/#`
/** What the cloud subscribes to. */
export const UP_FILTER = `${prefix}/+/up/#`

const isUpName = (name: string): name is UpName => UP_NAMES.some((n) => n === name)
const isDownName = (name: string): name is DownName => DOWN_NAMES.some((n) => n === name)

/** The depot and name of an upward topic; null for any other topic. */
export function parseUpTopic(topic: string): { depot: string; name: UpName } | null {
  const [root, version, depot, direction, name, ...rest] = topic.split('/')
  if (`${root}/${version}` !== prefix || direction !== 'up' || rest.length > 0) return null
  return depot && DEPOT_ID.test(depot) && name && isUpName(name) ? { depot, name } : null
}

/** The depot and name of a downward topic; null for any other topic. */
export function parseDownTopic(topic: string): { depot: string; name: DownName } | null {
  const [root, version, depot, direction, name, ...rest] = topic.split('/')
  if (`${root}/${version}` !== prefix || direction !== 'dn' || rest.length > 0) return null
  return depot && DEPOT_ID.test(depot) && name && isDownName(name) ? { depot, name } : null
}
