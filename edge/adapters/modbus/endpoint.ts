import { normalize } from 'node:path/posix'
import { type Duration, milliseconds } from '@busbar/units/time.ts'

export type Parity = 'none' | 'even' | 'odd'

/** Modbus TCP, or serial frames through a socket as a transparent converter passes them on. */
export interface SocketEndpoint {
  readonly kind: 'tcp' | 'rtu-tcp'
  readonly host: string
  readonly port: number
}

/** A serial port of this machine. */
export interface SerialEndpoint {
  readonly kind: 'rtu'
  /** Stable path of the adapter, such as one below `/dev/serial/by-id`. */
  readonly device: string
  readonly baud: number
  readonly parity: Parity
  readonly stopBits: 1 | 2
}

/** Where a meter or gateway is reached. */
export type Endpoint = SocketEndpoint | SerialEndpoint

/** The physical connection behind an endpoint: what has the same one shares a queue. */
export const lineOf = (endpoint: Endpoint): string =>
  endpoint.kind === 'rtu'
    ? normalize(endpoint.device)
    : `${endpoint.host.toLowerCase().replace(/\.$/, '')}:${endpoint.port}`

/** Whether each answer names the request it belongs to. Serial frames do not. */
export const numbersAnswers = ({ kind }: Endpoint): boolean => kind === 'tcp'

/** Time that this many bytes take on the endpoint's own wire; a network's counts as none. */
export function timeOnWire(endpoint: Endpoint, bytes: number): Duration {
  return milliseconds(endpoint.kind === 'rtu' ? (bytes * bitsPerByte(endpoint) * 1000) / endpoint.baud : 0)
}

const bitsPerByte = ({ parity, stopBits }: SerialEndpoint): number =>
  9 + stopBits + (parity === 'none' ? 0 : 1)
