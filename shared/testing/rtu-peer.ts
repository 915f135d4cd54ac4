import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A request as it came over a line of serial frames. */
export interface RtuAsked {
  readonly frame: Buffer
  readonly unit: number
  readonly addr: number
  readonly count: number
  /** How many came before it. */
  readonly seq: number
  /** The right answer, with registers that count up from `first`, by default their own addresses. */
  answer(first?: number): Buffer
  send(bytes: Buffer): void
}

/** Lets the event loop turn until `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** CRC-16 of Modbus, low byte first. */
export function checksum(bytes: Buffer): Buffer {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return Buffer.of(crc & 0xff, crc >> 8)
}

export const framed = (...bytes: number[]): Buffer => {
  const body = Buffer.from(bytes)
  return Buffer.concat([body, checksum(body)])
}

function answerTo(
  { unit, frame, count, addr }: Pick<RtuAsked, 'unit' | 'frame' | 'count' | 'addr'>,
  first = addr,
): Buffer {
  const words = Array.from({ length: count }, (_, n) => [
    ((first + n) >> 8) & 0xff,
    (first + n) & 0xff,
  ]).flat()
  return framed(unit, frame.readUInt8(1), 2 * count, ...words)
}

/** A peer that speaks serial frames over a socket and does to each request what the test says. */
export async function rtuPeer(handle: (asked: RtuAsked) => void) {
  const sockets = new Set<Socket>()
  const asked: RtuAsked[] = []
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let rest = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk])
      for (; rest.length >= 8; rest = rest.subarray(8)) {
        const frame = Buffer.from(rest.subarray(0, 8))
        const head = {
          frame,
          unit: frame.readUInt8(0),
          addr: frame.readUInt16BE(2),
          count: frame.readUInt16BE(4),
          seq: asked.length,
        }
        const request: RtuAsked = {
          ...head,
          answer: (first) => answerTo(head, first),
          send: (bytes) => void socket.write(bytes),
        }
        asked.push(request)
        handle(request)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port, asked, sockets, close, connections: () => connections }
}

/** A pseudo-terminal whose other end is a socket; it can vanish and come back, as an adapter does that is unplugged. */
export class PseudoTerminal {
  readonly #folder = mkdtempSync(join(tmpdir(), 'busbar-pty-'))
  readonly device = join(this.#folder, 'adapter')
  #socat: ChildProcess | undefined
  /** Kept open, so that socat outlives the reader's closing of its port. */
  #hold: number | undefined

  async plugIn(port: number): Promise<void> {
    this.#socat = spawn('socat', [`PTY,link=${this.device},raw,echo=0`, `TCP:127.0.0.1:${port}`], {
      stdio: 'ignore',
    })
    await until(() => existsSync(this.device))
    this.#hold = openSync(this.device, constants.O_RDWR | constants.O_NOCTTY)
  }

  async unplug(): Promise<void> {
    const socat = this.#socat
    this.#socat = undefined
    if (this.#hold !== undefined) closeSync(this.#hold)
    this.#hold = undefined
    if (!socat || socat.exitCode !== null) return
    const ended = new Promise((resolve) => socat.once('exit', resolve))
    socat.kill('SIGTERM')
    await ended
    rmSync(this.device, { force: true })
  }

  async remove(): Promise<void> {
    await this.unplug()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
