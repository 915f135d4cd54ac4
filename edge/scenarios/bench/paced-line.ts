import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { MeterProfile } from '../../profiles/meter-profile.ts'
import { answerRequest } from '../../simulators/meter/answer-request.ts'
import { type RegisterImages, registerImages } from '../../simulators/meter/register-image.ts'
import { PICTURE } from './picture.ts'

export interface PacedLineOptions {
  readonly profile: MeterProfile
  readonly units: number
  readonly baud: number
  readonly bitsPerByte: number
  readonly turnAroundMs: number
  /** Rest the reader owes before a request to the same unit; twice as long before another. */
  readonly gapMs: number
}

const REQUEST_BYTES = 8

/**
 * Meters on one serial line behind a pseudo-terminal. Every byte takes its time: the request's are waited for, the
 * answer's are handed on one by one as the line would. Adds up the time that nothing could have been faster.
 */
export class PacedLine {
  readonly #options: PacedLineOptions
  readonly #server: Server
  readonly #folder = mkdtempSync(join(tmpdir(), 'busbar-line-'))
  readonly device = join(this.#folder, 'line')
  readonly #images: RegisterImages
  #socat: ChildProcess | undefined
  #lastUnit: number | undefined
  /** Wire, turn-around and rests of all that was answered, ms. */
  physicalMs = 0
  requests = 0

  constructor(options: PacedLineOptions) {
    this.#options = options
    this.#images = registerImages(options.profile, PICTURE)
    this.#server = createServer((socket) => this.#serve(socket))
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const ends = [`PTY,link=${this.device},raw,echo=0`, `TCP:127.0.0.1:${port},nodelay`]
    this.#socat = spawn('socat', ends, { stdio: 'ignore' })
    while (!existsSync(this.device)) await pause(5)
  }

  stop(): void {
    this.#socat?.kill('SIGTERM')
    this.#server.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #serve(socket: Socket): void {
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    let received = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (received.length < REQUEST_BYTES) return
      const request = received.subarray(0, REQUEST_BYTES)
      received = received.subarray(REQUEST_BYTES)
      void this.#answer(socket, request, performance.now())
    })
  }

  async #answer(socket: Socket, request: Buffer, at: number): Promise<void> {
    const { units, profile, turnAroundMs, gapMs } = this.#options
    const unit = request.readUInt8(0)
    if (unit < 1 || unit > units) return
    const body = answerRequest(request.subarray(1, -2), this.#images, profile.limits)
    const reply = framed(Buffer.concat([Buffer.of(unit), body]))
    const wire = (bytes: number) => (bytes * this.#options.bitsPerByte * 1000) / this.#options.baud
    this.requests += 1
    this.physicalMs +=
      wire(REQUEST_BYTES + reply.length) + turnAroundMs + (unit === this.#lastUnit ? gapMs : 2 * gapMs)
    this.#lastUnit = unit
    const begin = at + wire(REQUEST_BYTES) + turnAroundMs
    for (let sent = 0; sent < reply.length; ) {
      const next = begin + wire(sent + 1)
      await pause(Math.max(0, next - performance.now()))
      const due = Math.min(reply.length, Math.floor((performance.now() - begin) / wire(1)))
      if (due > sent) socket.write(reply.subarray(sent, due))
      sent = Math.max(sent, due)
    }
  }
}

function framed(bytes: Buffer): Buffer {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return Buffer.concat([bytes, Buffer.of(crc & 0xff, crc >> 8)])
}
