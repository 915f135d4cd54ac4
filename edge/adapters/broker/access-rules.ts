import { SOURCE_ID, sensorTopic } from '@busbar/contracts/sensors/topics.ts'

/** A device that may connect. */
export interface LanDevice {
  /** Source id, MQTT client id and user name in one. */
  readonly id: string
  /** SHA-256 of each secret it may use; two while one is being replaced. */
  readonly secrets: readonly Uint8Array[]
  /** Topic filters it may read. */
  readonly reads: readonly string[]
}

/** Largest sensor packet, bytes. */
export const PAYLOAD_BYTES = 16 * 1024

interface Outgoing {
  readonly topic: string
  readonly payload: Buffer | string
  readonly qos: number
  readonly retain: boolean
}

/** Why a device may not publish this; null when it may. This replaces the library's own refusal of `$` topics. */
export function refusePublish(device: string, { topic, payload, qos, retain }: Outgoing): string | null {
  if (topic !== sensorTopic(device)) return `publish to ${topic}`
  if (qos > 1) return `publish with QoS ${qos}`
  // A retained packet would be handed out later as if it had just been measured.
  if (retain) return 'publish a retained packet'
  return payload.length > PAYLOAD_BYTES ? `publish ${payload.length} bytes, at most ${PAYLOAD_BYTES}` : null
}

/** Whether a topic lies in a filter. @see MQTT 3.1.1, 4.7 */
export function lies(topic: string, filter: string): boolean {
  if (topic.startsWith('$')) return false
  const levels = topic.split('/')
  const wanted = filter.split('/')
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true
    if (level !== '+' && level !== levels[index]) return false
    if (index >= levels.length) return false
  }
  return levels.length === wanted.length
}

/** Whether a device may receive what is published on this topic. */
export const mayReceive = (device: LanDevice | undefined, topic: string): boolean =>
  device?.reads.some((filter) => lies(topic, filter)) ?? false

/** Why a device may not subscribe to this; null when it may: a granted filter, or one topic that lies in one. */
export function refuseSubscribe(device: LanDevice | undefined, filter: string): string | null {
  const granted = device?.reads.includes(filter) || (!/[+#]/.test(filter) && mayReceive(device, filter))
  return granted ? null : `subscribe to ${filter}`
}

interface Connecting {
  readonly clientId: string
  readonly username?: string | undefined
  readonly protocolVersion?: number | undefined
  readonly clean?: boolean | undefined
  readonly will?: object | undefined
}

/** Why a CONNECT is refused before its password is looked at; null when it may go on. */
export function refuseConnect({
  clientId,
  username,
  protocolVersion,
  clean,
  will,
}: Connecting): string | null {
  if (protocolVersion !== 4) return `protocol ${protocolVersion}, expected 4 (MQTT 3.1.1)`
  if (!SOURCE_ID.test(clientId)) return 'the client id is no source id'
  if (username !== clientId) return 'the user name differs from the client id'
  // What is kept for absent clients would grow without end, and is stale when they come back.
  if (clean !== true) return 'a session that outlives its connection'
  // A will is a value decided before it was measured; the library would look at it only when it fires.
  return will ? 'a will' : null
}
