import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A connection that sends text as it is and gathers what comes; a test may leave it unread. */
export class PlainHttp {
  readonly socket: Socket
  readonly #chunks: string[] = []
  #tail = ''

  static async to(url: string): Promise<PlainHttp> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    await once(socket, 'connect')
    return new PlainHttp(socket)
  }

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      this.#chunks.push(String(chunk))
      this.#tail = (this.#tail + String(chunk)).slice(-10_000)
    })
    socket.on('error', () => socket.destroy())
  }

  get received(): string {
    return this.#chunks.join('')
  }

  /** Sends a request; the answer is status, header lines and body once the other side has closed. */
  async ask(request: string): Promise<{ status: number; head: string; body: string }> {
    const closed = once(this.socket, 'close')
    this.socket.write(request)
    await closed
    const [head = '', ...body] = this.received.split('\r\n\r\n')
    return { status: Number(head.split(' ')[1]), head, body: body.join('\r\n\r\n') }
  }

  /** Resolves when `fits` holds for the end, the last 10,000 characters, of what has come. */
  async until(fits: (end: string) => boolean): Promise<void> {
    while (!fits(this.#tail)) await once(this.socket, 'data')
  }
}
