import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Browser,
  checkAxe,
  DESKTOP,
  launchBrowser,
  takePageScreenshot,
  watchPage,
} from '@busbar/testing/browser.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Site {
  readonly at: string
  readonly power: { import_w: number; limit_w: number; held_w: number; measured_at: string }
  readonly stations: { online: number; charging: number; total: number }
  readonly evses: readonly { state: string; actual_w: number | null }[]
}
interface Fleet {
  readonly at: string
  readonly clock: { scale: number }
  readonly depots: readonly {
    as_of: string | null
    link: { state: string }
    snapshot: { stations: { charging: number } } | null
  }[]
}

/** Pictures for the README go to this folder when asked for. */
const OUT = process.env.BUSBAR_SCREENSHOTS

describe('the demo, started with one command', () => {
  let demo: ChildProcess
  let browser: Browser
  let pictures: string
  let depotUrl: string
  let fleetUrl: string
  let said = ''

  beforeAll(async () => {
    const first = await freePorts()
    depotUrl = `http://127.0.0.1:${first}`
    fleetUrl = `http://127.0.0.1:${first + 1}`
    pictures = OUT ?? (await mkdtemp(join(tmpdir(), 'busbar-pictures-')))
    await mkdir(pictures, { recursive: true })
    demo = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), '--first-port', String(first)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [demo.stdout, demo.stderr])
      stream?.on('data', (chunk) => {
        said += String(chunk)
      })
    browser = await launchBrowser()
    await until('vehicles charge', async () => (await site()).stations.charging >= 10, 60_000)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    const gone = demo.exitCode === null ? once(demo, 'exit') : null
    demo.kill('SIGTERM')
    await gone
    if (OUT === undefined) await rm(pictures, { recursive: true, force: true })
    await rm(join(import.meta.dirname, '../../data', `demo-${new URL(depotUrl).port}`), {
      recursive: true,
      force: true,
    })
  })

  const get = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T
  const site = () => get<Site>(`${depotUrl}/api/v1/site`)
  const fleet = () => get<Fleet>(`${fleetUrl}/api/v1/fleet`)

  async function until(what: string, test: () => Promise<boolean>, atMostMs = 30_000): Promise<void> {
    const deadline = performance.now() + atMostMs
    while (!(await test().catch(() => false))) {
      if (demo.exitCode !== null) throw new Error(`the demo ended by itself:\n${said}`)
      if (performance.now() > deadline) throw new Error(`not within ${atMostMs / 1000} s: ${what}\n${said}`)
      await new Promise((done) => setTimeout(done, 50))
    }
  }

  it('prints addresses that answer', async () => {
    await until('the addresses are printed', async () => said.includes(depotUrl) && said.includes(fleetUrl))
    expect((await fetch(depotUrl)).headers.get('content-type')).toContain('text/html')
    expect((await fetch(fleetUrl)).headers.get('content-type')).toContain('text/html')
  })

  it('measures power that follows the vehicles and stays within the limit', async () => {
    const vehiclesOf = ({ evses }: Site) => evses.reduce((sum, { actual_w: watts }) => sum + (watts ?? 0), 0)
    // While vehicles start, much is held for them: then little is much of the rest.
    await until('the connection is used well', async () => {
      const now = await site()
      const { import_w, limit_w, held_w } = now.power
      return import_w >= 0.9 * (limit_w - held_w) && vehiclesOf(now) > 200_000
    })
    const now = await site()
    const { power } = now
    const vehiclesW = vehiclesOf(now)
    expect(power.import_w).toBeLessThanOrEqual(power.limit_w * 1.02)
    expect(vehiclesW).toBeGreaterThan(150_000)
    expect(power.import_w).toBeGreaterThan(vehiclesW)
  })

  it('has a site meter that drives limits, for it passed its self-test by itself', async () => {
    interface Meters {
      readonly meters: readonly { standing: string; self_test: { result: string } | null }[]
    }
    const meter = async () => (await get<Meters>(`${depotUrl}/api/v1/meters`)).meters[0]
    await until('the meter is believed', async () => (await meter())?.standing === 'drives-limits')
    expect((await meter())?.self_test?.result).toBe('passed')
  })

  it('is seen in the cloud no more than ten real seconds late', async () => {
    await until(
      'the cloud sees the vehicles',
      async () => ((await fleet()).depots[0]?.snapshot?.stations.charging ?? 0) >= 10,
    )
    const { at, clock, depots } = await fleet()
    const ageS = (Date.parse(at) - Date.parse(depots[0]?.as_of ?? '')) / 1000 / clock.scale
    expect(ageS).toBeLessThanOrEqual(10)
    expect(depots[0]?.link.state).toBe('live')
  })

  it.each(['light', 'dark'] as const)(
    'shows both pages in %s without a violation that axe finds',
    async (scheme) => {
      const now = await takePageScreenshot(browser, {
        url: depotUrl,
        outFile: join(pictures, `now-${scheme}.png`),
        scheme,
        viewport: DESKTOP,
        ready: (page) => page.getByText('sets the pace').first().waitFor(),
      })
      const dashboard = await takePageScreenshot(browser, {
        url: fleetUrl,
        outFile: join(pictures, `fleet-${scheme}.png`),
        scheme,
        viewport: { width: 1440, height: 860 },
        ready: (page) => page.getByText('Westfield depot').first().waitFor(),
      })
      expect([...now, ...dashboard]).toEqual([])
    },
    60_000,
  )

  it('needs nothing from elsewhere', async () => {
    const page = await browser.newPage()
    const faults = watchPage(page, depotUrl)
    await page.goto(depotUrl)
    await page.getByText('Westfield depot').first().waitFor()
    expect(await checkAxe(page)).toEqual([])
    expect(faults).toEqual({ foreign: [], errors: [] })
    await page.close()
  })
})

/** Five free ports in a row, most likely: the kernel gives out the first from a wide range. */
async function freePorts(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return port > 65_000 ? freePorts() : port
}
