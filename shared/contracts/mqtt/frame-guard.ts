import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { DepotError } from '@busbar/model/depot-error.ts'

/** Largest CONNECT, bytes of its body. */
const FIRST_PACKET_BYTES = 4096
const CONNECT = 1

/** What a peer may send. */
export interface FrameRules {
  /** Largest packet after CONNECT, bytes of its body. */
  readonly packetBytes: number
  /** Takes one packet from the peer's allowance; false when it is used up. */
  readonly allow: (bytes: number) => boolean
}

/**
 * Stands between a socket and an MQTT broker and reads only each packet's fixed header: the broker itself takes packets
 * of any size and number. A first packet that is no CONNECT, one over its limit or over the allowance ends the
 * connection before its body is kept, with a DepotError `broker.frame`.
 */
export class FrameGuard extends Duplex {
  readonly #socket: Socket
  readonly #rules: FrameRules
  readonly remoteAddress: string
  #connected = false
  /** Bytes of the current body still to come; null while a header is being read. */
  #body: number | null = null
  #header: { type: number; length: number; factor: number } | null = null

  constructor(socket: Socket, rules: FrameRules) {
    super()
    this.#socket = socket
    this.#rules = rules
    this.remoteAddress = socket.remoteAddress ?? 'unknown'
    // Small packets would wait for the other side's delayed acknowledgement, some 80 ms.
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('end', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: () => void): void {
    this.#socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }

  #take(chunk: Buffer): void {
    if (this.destroyed) return
    const fault = this.#inspect(chunk)
    if (fault) this.destroy(new DepotError('broker.frame', fault))
    else if (!this.push(chunk)) this.#socket.pause()
  }

  #inspect(chunk: Buffer): string | null {
    for (let at = 0; at < chunk.length; ) {
      if (this.#body !== null) {
        const taken = Math.min(this.#body, chunk.length - at)
        at += taken
        this.#body = this.#body === taken ? null : this.#body - taken
        continue
      }
      const fault = this.#headerByte(chunk.readUInt8(at++))
      if (fault) return fault
    }
    return null
  }

  /** @see MQTT 3.1.1, 2.2 Fixed header: type, then the length of the rest in up to four bytes of seven bits */
  #headerByte(byte: number): string | null {
    if (!this.#header) {
      const type = byte >> 4
      if (!this.#connected && type !== CONNECT) return `first packet has type ${type}, expected CONNECT`
      this.#header = { type, length: 0, factor: 1 }
      return null
    }
    const header = this.#header
    header.length += (byte & 0x7f) * header.factor
    header.factor *= 128
    if (byte & 0x80) return header.factor > 128 ** 3 ? 'packet length takes more than four bytes' : null
    const limit = this.#connected ? this.#rules.packetBytes : FIRST_PACKET_BYTES
    if (header.length > limit) return `packet of ${header.length} bytes, at most ${limit}`
    if (!this.#rules.allow(header.length)) return 'more packets or bytes than allowed'
    this.#connected = true
    this.#header = null
    this.#body = header.length > 0 ? header.length : null
    return null
  }
}
