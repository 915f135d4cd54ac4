import { FakeClock } from '@busbar/testing/fake-clock.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LanDouble, startLan } from './testing/lan-double.ts'
import { PlainHttp } from './testing/plain-http.ts'

let lan: LanDouble
const clock = new FakeClock()
beforeEach(async () => {
  lan = await startLan(clock)
})
afterEach(() => lan.stop())

const get = (path: string) => fetch(`${lan.url}${path}`)

test('a file has its type and security headers; hashed ones are kept', async () => {
  const page = await get('/')
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('cache-control')).toBe('no-cache')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  const script = await get('/assets/app.js')
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  expect(script.headers.get('cache-control')).toContain('immutable')
})

test('a path that is no file is a page of the page, which routes itself', async () => {
  expect(await (await get('/stations/A-01')).text()).toContain('<title>Now</title>')
})

test.each([
  '/../secret.js',
  '/assets/../../secret.js',
  '/%2e%2e/secret.js',
  '/..%2fsecret.js',
  '/assets/..%2f..%2fsecret.js',
  '/..%5csecret.js',
  '/....//secret.js',
  '/%2fetc/passwd.js',
  '//secret.js',
  '/assets/app.js/more.js',
  '/%00.js',
  `/${'a'.repeat(300)}.js`,
])('nothing outside the pages is served for %s', async (path) => {
  const plain = await PlainHttp.to(lan.url)
  const answer = await plain.ask(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`)
  expect(answer.body).not.toContain('not for the LAN')
  expect(answer.status).toBe(404)
  expect(lan.errors).toEqual([])
})

test('an escape that is none is not a failure', async () => {
  expect((await get('/%E0%A4%A')).status).toBe(200)
})
