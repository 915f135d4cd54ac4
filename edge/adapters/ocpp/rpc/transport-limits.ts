import { type Duration, seconds } from '@busbar/units/time.ts'

/** What the transport grants a station, or anyone at its door, before it acts. */
export interface TransportLimits {
  /** Largest inbound message; the meter values of a whole night fit. */
  readonly frameBytes: number
  /** Unsent bytes at which a peer that does not read is cut off. */
  readonly bufferedBytes: number
  /** Inbound calls waiting at which the socket is no longer read. */
  readonly waitingCalls: number
  /** Calls of one station taken at once, and a second from then on; a whole night's queue passes without waiting. */
  readonly callBurst: number
  readonly callsPerSecond: number
  /** Answers to reports kept for a repeated message, per connection. */
  readonly keptAnswers: number
  /** Commands waiting for one station. */
  readonly waitingCommands: number
  /** Sockets that have not completed their handshake; all stations of a large site may come at once. */
  readonly openHandshakes: number
  /** From the first byte to the finished handshake. */
  readonly handshake: Duration
  readonly pingInterval: Duration
  /** How long a connection has to show life when its identity is claimed again. */
  readonly probe: Duration
  /** Longest wait for a handler or a commit; then the call stays unanswered. */
  readonly answer: Duration
  /** An unanswered command is given up after this when a limit waits behind it. */
  readonly giveUp: Duration
  /** From asking a connection to close to cutting it. */
  readonly close: Duration
  /** Refusals a minute that an address is told; further ones are cut without an answer. */
  readonly refusalsPerMinute: number
  /** Unreadable messages a minute that are worth reporting. */
  readonly badMessages: number
}

export const TRANSPORT_LIMITS: TransportLimits = {
  frameBytes: 1024 * 1024,
  bufferedBytes: 1024 * 1024,
  waitingCalls: 64,
  callBurst: 2000,
  callsPerSecond: 200,
  keptAnswers: 256,
  waitingCommands: 64,
  openHandshakes: 2048,
  handshake: seconds(10),
  pingInterval: seconds(30),
  probe: seconds(4),
  answer: seconds(60),
  giveUp: seconds(5),
  close: seconds(10),
  refusalsPerMinute: 60,
  badMessages: 10,
}

/**
 * The usual limits on a clock that runs `scale` times as fast as real time: sockets and processes answer in real time,
 * so none of the waits for them gets too short for that.
 */
export function transportLimitsAt(scale: number): TransportLimits {
  const usual = TRANSPORT_LIMITS
  const atLeast = (usually: Duration, real: Duration) => Math.max(usually, real * scale) as Duration
  return {
    ...usual,
    handshake: atLeast(usual.handshake, seconds(3)),
    pingInterval: atLeast(usual.pingInterval, seconds(5)),
    probe: atLeast(usual.probe, seconds(1)),
    answer: atLeast(usual.answer, seconds(10)),
    giveUp: atLeast(usual.giveUp, seconds(0.5)),
    close: atLeast(usual.close, seconds(1)),
  }
}
