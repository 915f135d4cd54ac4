import {
  DEPOT_ID,
  downFilter,
  parseDownTopic,
  parseUpTopic,
  RETAINED_NAMES,
  type UpName,
} from '@busbar/contracts/sync/topics.ts'
import { SYNC_LIMITS } from '@busbar/contracts/sync/version.ts'

const KIB = 1024
const PAYLOAD_BYTES: Readonly<Record<UpName, number>> = {
  presence: 4 * KIB,
  state: SYNC_LIMITS.stateBytes,
  hello: 64 * KIB,
  facts: SYNC_LIMITS.batchBytes + 4 * KIB,
  telemetry: SYNC_LIMITS.batchBytes + 4 * KIB,
  heartbeat: 16 * KIB,
  cmd: 64 * KIB,
  req: 64 * KIB,
}

interface Outgoing {
  readonly topic: string
  readonly payload: Buffer | string
  readonly qos: number
  readonly retain: boolean
}

/** Why a depot may not publish this; null when it may. A will passes the same rules when it fires. */
export function refusePublish(depot: string, packet: Outgoing): string | null {
  const topic = parseUpTopic(packet.topic)
  if (topic?.depot !== depot) return `publish to ${packet.topic}`
  if (packet.qos > 1) return `QoS ${packet.qos} on ${topic.name}`
  if (packet.retain && !RETAINED_NAMES.includes(topic.name)) return `retained message on ${topic.name}`
  if (packet.payload.length > PAYLOAD_BYTES[topic.name])
    return `${packet.payload.length} bytes on ${topic.name}`
  return null
}

/** Why a depot may not read this; null when it may. */
export function refuseSubscribe(depot: string, filter: string): string | null {
  const own = filter === downFilter(depot) || parseDownTopic(filter)?.depot === depot
  return own ? null : `subscribe to ${filter}`
}

interface Connecting {
  readonly clientId: string
  readonly username?: string | undefined
  readonly protocolVersion?: number | undefined
  readonly will?: {
    readonly topic: string
    readonly payload: Buffer | string
    readonly qos?: number | undefined
    readonly retain?: boolean | undefined
  }
}

/** Why a CONNECT is refused before its password is looked at; null when it may go on. */
export function refuseConnect(packet: Connecting): string | null {
  if (packet.protocolVersion !== 4) return `protocol ${packet.protocolVersion}, expected 4 (MQTT 3.1.1)`
  if (!DEPOT_ID.test(packet.clientId)) return 'client id is no depot id'
  if (packet.username !== packet.clientId) return 'user name differs from client id'
  if (!packet.will) return null
  // The broker itself looks at a will only when it fires.
  const { qos = 0, retain = false, ...will } = packet.will
  const wrong = refusePublish(packet.clientId, { ...will, qos, retain })
  return parseUpTopic(packet.will.topic)?.name === 'presence' ? wrong : `will on ${packet.will.topic}`
}
