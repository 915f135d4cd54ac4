import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Whole numbers as bytes, small ones short. */
export class ByteWriter {
  #bytes = new Uint8Array(512)
  #length = 0

  /** A whole number from 0 to 2^53. */
  unsigned(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.#push((rest % 128) + 128)
      rest = Math.floor(rest / 128)
    }
    this.#push(rest)
  }

  /** A whole number within ±2^52. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value)
  }

  text(value: string): void {
    this.blob(Buffer.from(value))
  }

  blob(value: Uint8Array): void {
    this.unsigned(value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #push(byte: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = byte
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const larger = new Uint8Array(2 * (this.#length + count))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

/** Reads back what `ByteWriter` wrote. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  unsigned(): number {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }

  signed(): number {
    const value = this.unsigned()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  text(): string {
    return Buffer.from(this.blob()).toString()
  }

  blob(): Uint8Array {
    const length = this.unsigned()
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  get more(): boolean {
    return this.#at < this.#bytes.length
  }
}

const PLAIN = 0
const DEFLATED = 1

/** Bytes for the disk, deflated where that helps; the first one says which. */
export function packed(bytes: Uint8Array): Buffer {
  const deflated = deflateRawSync(bytes)
  return deflated.length < bytes.length
    ? Buffer.concat([Buffer.of(DEFLATED), deflated])
    : Buffer.concat([Buffer.of(PLAIN), bytes])
}

export const unpacked = (blob: Uint8Array): Uint8Array =>
  blob[0] === DEFLATED ? inflateRawSync(blob.subarray(1)) : blob.subarray(1)
