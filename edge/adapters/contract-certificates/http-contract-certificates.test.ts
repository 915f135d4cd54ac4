import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { seconds } from '@busbar/units/time.ts'
import { afterEach, describe, expect, test } from 'vitest'
import {
  CERTIFICATE,
  contractCertificatesContract,
} from '../../domain/ports/contract-certificates.contract.ts'
import type { ContractStatus } from '../../domain/ports/contract-certificates.ts'
import { httpContractCertificates } from './http-contract-certificates.ts'

const clock = new FakeClock()
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A real HTTP server in place of the service. */
async function serve(listener: RequestListener) {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
  stops.push(stop)
  const url = `http://127.0.0.1:${port}/api`
  const certificates = httpContractCertificates({ url, secret: 'bearer-secret', limit: seconds(20) }, clock)
  return { certificates, stop }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const piece of request) text += piece
  return JSON.parse(text)
}

contractCertificatesContract('a service over HTTP', async () => {
  let said: ContractStatus | null = null
  const answers: Record<string, (question: Record<string, unknown>) => object> = {
    '/api/vehicle-certificate': ({ exi_request: request }) =>
      said === 'Accepted'
        ? { status: 'Accepted', exi_response: `answer to ${request}` }
        : { status: 'Failed', exi_response: '' },
    '/api/certificate-status': ({ serial_number: serial }) => ({ ocsp_result: `ocsp of ${serial}` }),
    '/api/contract-status': () => ({ status: said }),
  }
  const { certificates, stop } = await serve(async (request, response) => {
    const question = await bodyOf(request)
    const answer = answers[request.url ?? '']
    const authorized = request.headers.authorization === 'Bearer bearer-secret'
    if (said === null || answer === undefined || !authorized) response.writeHead(503).end()
    else response.end(JSON.stringify(answer(question)))
  })
  stops.splice(0)
  const say = (status: ContractStatus | null) => {
    said = status
  }
  return { certificates, stop, say }
})

describe('no answer', () => {
  test('comes at the limit from a service that is silent', async () => {
    let asked: () => void = () => undefined
    const heard = new Promise<void>((done) => {
      asked = done
    })
    const { certificates } = await serve(() => asked())
    const answer = certificates.certificateStatus(CERTIFICATE)
    await heard
    clock.advance(seconds(20))
    expect(await answer).toEqual({ failed: 'timeout' })
  })

  test.each<[string, RequestListener, string]>([
    ['of another shape', (_request, response) => response.end('{"ocsp_result":7}'), 'bad-answer'],
    ['that is no JSON', (_request, response) => response.end('<html>'), 'bad-answer'],
    ['without an end', (_request, response) => response.end('x'.repeat(100_000)), 'bad-answer'],
    [
      'too long for a station',
      (_request, response) => response.end(JSON.stringify({ ocsp_result: 'x'.repeat(6000) })),
      'bad-answer',
    ],
    [
      'from elsewhere',
      (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'unreachable',
    ],
    ['that is a refusal', (_request, response) => response.writeHead(401).end(), 'refused'],
  ])('is what an answer %s counts as', async (_what, listener, failed) => {
    const { certificates } = await serve(listener)
    expect(await certificates.certificateStatus(CERTIFICATE)).toEqual({ failed })
  })

  test('comes at once where nobody listens', async () => {
    const { certificates, stop } = await serve(() => undefined)
    await stop()
    stops.splice(0)
    expect(await certificates.certificateStatus(CERTIFICATE)).toEqual({ failed: 'unreachable' })
  })
})
