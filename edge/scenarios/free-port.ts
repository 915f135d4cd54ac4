import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ports that the system gives away by itself, so that no other test's socket takes one in between. */
const LOW = 12_000
const HIGH = 32_000

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const port = randomInt(LOW, HIGH)
  const server = createServer()
  const free = await new Promise<boolean>((done) => {
    server.once('error', () => done(false))
    server.listen(port, '127.0.0.1', () => done(true))
  })
  if (!free) return freePort()
  await new Promise((done) => server.close(done))
  return port
}
