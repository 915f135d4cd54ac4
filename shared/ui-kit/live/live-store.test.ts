import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LiveStore } from './live-store.ts'

const START = Date.parse('2026-11-21T23:47:12.000Z')

interface View {
  readonly at: string
  readonly clock: { readonly scale: number }
  readonly n: number
}

const view = (n: number, scale = 1): View => ({ at: new Date(START).toISOString(), clock: { scale }, n })
const isView = (value: unknown): value is View => typeof value === 'object' && value !== null && 'n' in value

class FakeStream extends EventTarget {
  static readonly open: FakeStream[] = []
  closed = false
  constructor() {
    super()
    FakeStream.open.push(this)
  }
  close(): void {
    this.closed = true
  }
  say(value: View): void {
    this.dispatchEvent(new MessageEvent('view', { data: JSON.stringify(value) }))
  }
}

const answers: (() => Promise<Response>)[] = []
const give = (value: View) => answers.push(() => Promise.resolve(Response.json(value)))
const refuse = () => answers.push(() => Promise.reject(new TypeError('no route')))
let store: LiveStore<View>
let changes = 0

const stream = (): FakeStream => FakeStream.open.at(-1) ?? expect.unreachable('a stream is open')
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const FRAME = 20

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'performance', 'requestAnimationFrame', 'cancelAnimationFrame'],
  })
  vi.stubGlobal('EventSource', FakeStream)
  vi.stubGlobal('fetch', () => answers.shift()?.() ?? Promise.reject(new TypeError('no route')))
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run, 16))
  vi.stubGlobal('cancelAnimationFrame', (timer: number) => clearTimeout(timer))
  FakeStream.open.length = 0
  answers.length = 0
  changes = 0
  store = new LiveStore<View>({
    snapshot: '/view',
    stream: '/live',
    event: 'view',
    silence: 4000,
    parse: (value) => (isView(value) ? value : expect.unreachable('a view')),
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const listen = () => store.subscribe(() => (changes += 1))

describe('a live store', () => {
  test('shows the snapshot first, then what the stream says', async () => {
    give(view(1))
    listen()
    await pass(0)
    expect(store.state()).toMatchObject({ link: 'live', view: { n: 1 } })
    stream().say(view(2))
    await pass(FRAME)
    expect(store.state().view?.n).toBe(2)
  })

  test('makes events between two frames one change, the last', async () => {
    give(view(1))
    listen()
    await pass(0)
    changes = 0
    for (const n of [2, 3, 4]) stream().say(view(n))
    await pass(FRAME)
    expect([changes, store.state().view?.n]).toEqual([1, 4])
  })

  test('drops a snapshot that an event has overtaken', async () => {
    answers.push(async () => {
      await new Promise((done) => setTimeout(done, 100))
      return Response.json(view(1))
    })
    listen()
    stream().say(view(2))
    await pass(200)
    expect(store.state().view?.n).toBe(2)
  })

  test('asks again when the stream is silent, and stays live when answered', async () => {
    give(view(1))
    give(view(2))
    listen()
    await pass(4000)
    expect(store.state()).toMatchObject({ link: 'live', view: { n: 2 } })
  })

  test('is lost when the stream is silent and nobody answers, and keeps the last view', async () => {
    give(view(1))
    refuse()
    listen()
    await pass(4000)
    expect(store.state()).toMatchObject({ link: 'lost', view: { n: 1 } })
    expect(stream().closed).toBe(true)
  })

  test('comes back by itself after a break, waiting longer each time', async () => {
    give(view(1))
    listen()
    await pass(0)
    stream().dispatchEvent(new Event('error'))
    expect(store.state().link).toBe('lost')
    const opened = FakeStream.open.length
    await pass(499)
    expect(FakeStream.open).toHaveLength(opened)
    await pass(1)
    expect(FakeStream.open).toHaveLength(opened + 1)
    await pass(999)
    expect(FakeStream.open).toHaveLength(opened + 1)
    give(view(3))
    await pass(1)
    expect(store.state()).toMatchObject({ link: 'live', view: { n: 3 } })
  })

  test('has the server’s time, at the pace of the server’s clock', async () => {
    give(view(1, 20))
    listen()
    await pass(0)
    await pass(500)
    expect(store.now()).toBe(START + 10_000)
  })

  test('closes its stream when nobody listens any more', async () => {
    give(view(1))
    const stop = listen()
    await pass(0)
    stop()
    expect(stream().closed).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('names an answer it cannot read and goes on asking', async () => {
    give(view(1))
    answers.push(() => Promise.resolve(new Response('<html>')))
    give(view(2))
    listen()
    await pass(4000)
    expect(store.state()).toMatchObject({ link: 'lost', view: { n: 1 } })
    expect(store.state().misfit).toContain('JSON')
    await pass(4000)
    expect(store.state()).toMatchObject({ link: 'live', view: { n: 2 }, misfit: null })
  })
})
