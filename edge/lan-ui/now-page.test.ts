import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import {
  type Browser,
  checkAxe,
  DESKTOP,
  launchBrowser,
  type Page,
  type PageFaults,
  PHONE,
  type Scheme,
  TABLET,
  takePageScreenshot,
  type Viewport,
  watchPage,
} from '@busbar/testing/browser.ts'
import { PageServer } from '@busbar/testing/page-server.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exampleSite, exampleTrend } from './example-site.ts'

/** Longest wait for something to happen, real ms. */
const WAIT = { timeout: 10_000 }
const dist = join(import.meta.dirname, 'dist')
const screenshots = process.env.BUSBAR_SCREENSHOTS

let site: SiteView
let origin: string
let browser: Browser
let page: Page
let faults: PageFaults
const server = new PageServer({
  dist,
  answers: { '/api/v1/site': () => site, '/api/v1/site/trend': exampleTrend },
  stream: '/api/v1/live',
})

beforeAll(async () => {
  expect(existsSync(join(dist, 'index.html')), 'the page is not built: npm run build').toBe(true)
  browser = await launchBrowser()
  origin = await server.start()
  page = await browser.newPage({ reducedMotion: 'reduce' })
  faults = watchPage(page, origin)
})
afterAll(async () => {
  await browser?.close()
  await server.stop()
})

async function open(path = '/', viewport: Viewport = DESKTOP, scheme: Scheme = 'light'): Promise<void> {
  await page.setViewportSize(viewport)
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
  const opened = server.opened
  await page.goto(origin + path)
  await page.getByRole('heading', { level: 1, name: site.depot.name }).waitFor()
  await expect.poll(() => server.opened, WAIT).toBeGreaterThan(opened)
}

/** Sends a changed site on the live stream; every call starts from the example. */
const send = (change: Partial<SiteView>): void => server.send('site', { ...site, ...change })
const card = (label: string) =>
  page.getByRole('listitem').filter({ has: page.getByRole('button', { name: label, exact: true }) })
const isShown = async (text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor()
/** What is shown inside, words parted by single spaces. */
const textOf = async (locator: ReturnType<Page['locator']>): Promise<string> =>
  (await locator.innerText()).replace(/\s+/g, ' ')

beforeEach(() => {
  server.restore()
  site = exampleSite()
})
afterEach(() => {
  expect(faults).toEqual({ foreign: [], errors: [] })
})

describe('the Now page', () => {
  test('says the power of the site, its limit, what is left and what sets the pace', async () => {
    await open()
    const power = await textOf(page.getByRole('region', { name: 'Site power' }))
    for (const said of [
      '428.6 kW of 500 kW',
      '49.4 kW headroom',
      '22.0 kW held for 2 stations out of sight',
      'Building 98.3',
      'Vehicles 330.3',
      'Held 22.0',
      'Feeder 2, phase L1 sets the pace: 247 of 250 A.',
    ])
      expect(power).toContain(said)
    await page.getByRole('img', { name: 'Building 98.3, vehicles 330.3, held 22.0 of 500 kW' }).waitFor()
    await page.getByRole('img', { name: /^Site power over the last 15 minutes: between/ }).waitFor()
  })

  test('says where the demand window stands and ends, and when part of it is an estimate', async () => {
    await open()
    await page.getByText('15-min window 451 → 487 kW at 00:00', { exact: true }).waitFor(WAIT)
    if (site.demand === null) throw new Error('the example has no demand window')
    send({ demand: { ...site.demand, so_far_w: 452_500, flagged: true } })
    await page.getByText('15-min window 452.5 → 487 kW at 00:00, partly estimated').waitFor(WAIT)
    send({ demand: null })
    await page.getByText('15-min window').waitFor({ state: 'detached', ...WAIT })
  })

  test('says on screen that the depot is simulated, and the depot’s own time', async () => {
    site = { ...site, depot: { ...site.depot, time_zone: 'Europe/Berlin' } }
    await open()
    await isShown('Simulated depot')
    await isShown('Sun 22 Nov, 00:47')
  })

  test('hangs 24 stations from three feeders, each with its phases', async () => {
    await open()
    for (const name of ['Feeder 1', 'Feeder 2', 'Feeder 3']) {
      const feeder = page.getByRole('region', { name })
      expect(
        await feeder
          .getByRole('listitem')
          .filter({ has: page.getByRole('button') })
          .count(),
      ).toBe(8)
    }
    expect(await textOf(page.getByRole('region', { name: 'Feeder 2' }))).toContain('L1 247 of 250 A')
  })

  test('shows a station’s state, offered and actual power, vehicle, charge, energy, departure and reason', async () => {
    await open()
    expect(await textOf(card('B-02'))).toBe(
      'B-02 Limited 9.4 of 9.6 kW B-117 38 % of 90 % 34.2 kWh leaves 04:30 Feeder 2, L1 is full; 6 min short',
    )
  })

  test('tells a measured zero from the unknown, and says nothing twice', async () => {
    await open()
    expect(await textOf(card('A-03'))).toContain('0.0 of 11.0 kW')
    expect(await textOf(card('A-05'))).toContain('– no vehicle')
    expect(await textOf(card('A-04'))).toBe('A-04 Free 0.0 kW no vehicle')
  })

  test('greys the values of a station out of contact and says when they were true', async () => {
    await open()
    expect(await textOf(card('C-07'))).toContain('as of 23:40')
    expect(await card('C-07').locator('.stale').count()).toBe(1)
    expect(await card('C-01').locator('.stale').count()).toBe(0)
  })

  test('follows the live stream', async () => {
    await open()
    send({ power: { ...site.power, import_w: 512_300, headroom_w: -34_300 } })
    await isShown('512.3')
    await isShown(/34\.3 kW over the limit/)
  })

  test('lets ages grow between events with the depot’s clock, not the browser’s', async () => {
    site = { ...site, clock: { quality: 'synced', scale: 200 } }
    await open()
    const meter = page.getByRole('listitem').filter({ hasText: 'Site meter' })
    await expect.poll(() => textOf(meter), WAIT).toMatch(/Site meter \d\d+ s|Site meter \d+ min/)
  })

  test('greys the reading of a silent meter and says why', async () => {
    const [meter] = site.meters
    site = {
      ...site,
      power: { ...site.power, import_w: null, headroom_w: null, age_ms: 14_000, quality: 'reserve' },
      meters: meter ? [{ ...meter, quality: 'reserve', reason: 'The grid meter does not answer.' }] : [],
    }
    await open()
    const power = await textOf(page.getByRole('region', { name: 'Site power' }))
    expect(power).toContain('– kW of 500 kW as of 23:47:12')
    expect(power).toContain('The grid meter does not answer.')
    await isShown(/silent/)
  })

  test('calls a meter that speaks and failed its self-test not trusted, not silent', async () => {
    site = { ...site, power: { ...site.power, age_ms: 300, quality: 'reserve' } }
    await open()
    await isShown(/not trusted/)
    expect(await page.getByText(/silent/).count()).toBe(0)
  })
})

describe('when the stream breaks', () => {
  test('the page says so, greys everything, and comes back by itself', async () => {
    await open()
    server.cut()
    await isShown('Live connection lost; values from 23:47:12')
    expect(await page.locator('.now.stale').count()).toBe(1)
    expect(await checkAxe(page)).toEqual([])
    server.restore()
    await page.getByText('Live connection lost').waitFor({ state: 'detached' })
    expect(await page.locator('.now.stale').count()).toBe(0)
  })

  test('an answer in an unknown form is named, and the last values stay', async () => {
    await open()
    server.send('site', { ...site, version: 99 })
    await isShown(/in a form this page does not know; reload the page\. At version/)
    await isShown('428.6')
  })
})

describe('a station’s details', () => {
  test('open and close by keyboard alone, and the focus returns', async () => {
    await open()
    await page.getByRole('button', { name: 'B-01', exact: true }).focus()
    await page.keyboard.press('Enter')
    const sheet = page.getByRole('dialog', { name: 'B-01' })
    await sheet.waitFor()
    expect(await textOf(sheet)).toMatch(
      /Limit sent all answered.*Limit in force 9\.6 kW.*Measured 9\.4 kW.*Row that limits it Feeder 2, L1/,
    )
    expect(await checkAxe(page)).toEqual([])
    await page.keyboard.press('Tab')
    expect(
      await sheet.getByRole('button', { name: 'Close' }).evaluate((el) => el === document.activeElement),
    ).toBe(true)
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), WAIT).toBe('B-01')
  })

  test('stay live', async () => {
    await open()
    await page.getByRole('button', { name: 'B-01', exact: true }).click()
    send({ evses: site.evses.map((evse) => (evse.label === 'B-01' ? { ...evse, pending_w: 6_500 } : evse)) })
    await page.getByRole('dialog').getByText('6.5 kW').waitFor()
  })
})

describe('depots of every size', () => {
  test('a feeder with more than twelve stations shows rows with the same content', async () => {
    const many = site.evses.map((evse) => ({ ...evse, circuit: 'F2' }))
    site = { ...site, evses: many }
    await open()
    expect(await textOf(card('B-02'))).toBe(
      'B-02 Limited B-117 9.4 of 9.6 kW 38 % of 90 % 34.2 kWh leaves 04:30 Feeder 2, L1 is full; 6 min short',
    )
    await isShown('No station hangs from Feeder 1.')
    expect(await checkAxe(page)).toEqual([])
  })

  test('a depot without stations, incidents, departures or binding circuit says so', async () => {
    site = {
      ...site,
      evses: [],
      incidents: [],
      departures: [],
      binding: null,
      stations: { total: 0, online: 0, charging: 0, faulted: 0, offline_reserved: 0 },
    }
    await open()
    await isShown('No circuit holds a vehicle back.')
    await isShown('None planned')
    expect(await checkAxe(page)).toEqual([])
  })

  test('the start-up steps are shown until all have passed', async () => {
    site = {
      ...site,
      startup: [
        { step: 'store', name: 'Store', done: true, reason: 'State rebuilt from 214 facts' },
        { step: 'meter', name: 'Meter', done: false, reason: 'The grid meter has not answered yet' },
      ],
    }
    await open()
    await isShown('The grid meter has not answered yet')
    expect(await checkAxe(page)).toEqual([])
    send({ startup: [] })
    await page.getByText('The grid meter has not answered yet').waitFor({ state: 'detached' })
  })

  test('wall mode has no rail and is larger', async () => {
    await open('/?wall=1', { width: 1920, height: 1080 })
    expect(await page.getByRole('navigation').count()).toBe(0)
    const size = () =>
      page.getByText('428.6', { exact: true }).evaluate((el) => getComputedStyle(el).fontSize)
    expect(await size()).toBe('70.4px')
    await open()
    expect(await size()).toBe('44px')
  })
})

const SIZES = { desktop: DESKTOP, tablet: TABLET, phone: PHONE }
const looks = (['light', 'dark'] as const).flatMap((scheme) =>
  (['desktop', 'tablet', 'phone'] as const).map((size) => [scheme, size] as const),
)

describe.each(looks)('in %s on a %s', (scheme, size) => {
  test('axe finds nothing and nothing runs out of the page', async () => {
    await open('/', SIZES[size], scheme)
    await page.locator('canvas').waitFor()
    expect(await checkAxe(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
    if (screenshots === undefined) return
    const outFile = join(screenshots, `now-${size}-${scheme}.png`)
    const ready = (shown: Page) => shown.locator('canvas').waitFor()
    expect(
      await takePageScreenshot(browser, { url: origin, outFile, scheme, viewport: SIZES[size], ready }),
    ).toEqual([])
  })
})
