import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { expect, test } from 'vitest'
import { isReady } from './is-ready.ts'

const urlOf = (server: Server): string => {
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

test('an address is ready once it answers that all is well', async () => {
  let status = 503
  const server = createServer((_request, response) => void response.writeHead(status).end('text'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = urlOf(server)
  for (status of [401, 404, 500, 503]) expect(await isReady(url)).toBe(false)
  status = 200
  expect(await isReady(url)).toBe(true)
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
  expect(await isReady(url)).toBe(false)
})
