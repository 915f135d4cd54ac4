import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DepotView, FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import {
  type Browser,
  checkAxe,
  DESKTOP,
  type Locator,
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
import { exampleFleet } from './example-fleet.ts'

/** Longest wait for something to happen, real ms. */
const WAIT = { timeout: 10_000 }
const dist = join(import.meta.dirname, 'dist')
const screenshots = process.env.BUSBAR_SCREENSHOTS

let fleet: FleetView
let origin: string
let browser: Browser
let page: Page
let faults: PageFaults
const server = new PageServer({
  dist,
  answers: { '/api/v1/fleet': () => fleet },
  stream: '/api/v1/fleet/live',
})

beforeAll(async () => {
  expect(existsSync(join(dist, 'index.html')), 'the page is not built: npm run build').toBe(true)
  browser = await launchBrowser()
  origin = await server.start()
  page = await browser.newPage({ reducedMotion: 'reduce', timezoneId: 'Europe/London' })
  faults = watchPage(page, origin)
})
afterAll(async () => {
  await browser?.close()
  await server.stop()
})

async function open(viewport: Viewport = DESKTOP, scheme: Scheme = 'light'): Promise<void> {
  await page.setViewportSize(viewport)
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
  const opened = server.opened
  await page.goto(origin)
  await page.getByRole('region', { name: 'Power now' }).waitFor()
  await expect.poll(() => server.opened, WAIT).toBeGreaterThan(opened)
}

const row = (name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) })
const tile = (name: string): Promise<string> => textOf(page.getByRole('region', { name }))
const names = (): Promise<string[]> => page.getByRole('rowheader').getByRole('button').allInnerTexts()
const textOf = async (locator: Locator): Promise<string> => (await locator.innerText()).replace(/\s+/g, ' ')
const change = (name: string, to: Partial<DepotView>): FleetView => ({
  ...fleet,
  depots: fleet.depots.map((depot) => (depot.name === name ? { ...depot, ...to } : depot)),
})

beforeEach(() => {
  server.restore()
  fleet = exampleFleet()
})
afterEach(() => {
  expect(faults).toEqual({ foreign: [], errors: [] })
})

describe('the Fleet page', () => {
  test('says in each figure what it covers', async () => {
    await open()
    expect(await tile('Power now')).toMatch(/3\.66 MW of 4\.46 10 of 12 depots, oldest 9\d s/)
    expect(await tile('Vehicles charging')).toContain('174 of 198 plugged in 10 of 12 depots')
    expect(await tile('Departures ready')).toContain('66 of 257 4 at risk, 1 without data, next B-110 04:20')
    expect(await tile('Stations up')).toContain('211 of 216 1 faulted, 10 of 12 depots')
    expect(await tile('Energy since noon')).toContain('2 depots not known')
    expect(await tile('Open problems')).toContain('7 P1 1P2 2P3 3P4 1')
  })

  test('has every depot in one line, with link, power, stations, vehicles, departures and problems', async () => {
    await open()
    expect(await names()).toHaveLength(12)
    expect(await textOf(row('Westfield'))).toMatch(
      /^Westfield live · \d\.\d s 428\.6 of 500 kW 22 \/ 24 1 faulted 14 \/ 18 3 \/ 17 2 at risk P1 1 P2 1 P3 1$/,
    )
    await row('Westfield')
      .getByRole('img', { name: 'Building 98.3, vehicles 330.3, held 22.0 of 500 kW' })
      .waitFor()
  })

  test('greys a depot that is late or gone and says since when; one not heard yet has dashes', async () => {
    await open()
    expect(await textOf(row('Riverside'))).toContain('offline since 21:10 values 2 h old')
    expect(await textOf(row('Airport'))).toContain('delayed since 23:44')
    expect(await textOf(row('Summit'))).toMatch(/not heard yet – – – – – –$/)
    for (const name of ['Riverside', 'Airport', 'Summit'])
      expect(await row(name).getAttribute('class')).toBe('stale')
    expect(await row('Harbour').getAttribute('class')).toBeNull()
  })

  test('says which depots are simulated', async () => {
    await open()
    await page.getByText('1 simulated depot').waitFor()
    expect(await textOf(row('Summit'))).toContain('Simulated')
  })

  test('follows the live stream', async () => {
    await open()
    const harbour = fleet.depots.find(({ name }) => name === 'Harbour')
    if (!harbour?.snapshot) return expect.unreachable('the example has Harbour')
    const site = { ...harbour.snapshot.site, import_w: 581_200, headroom_w: -21_200 }
    server.send('fleet', change('Harbour', { snapshot: { ...harbour.snapshot, site } }))
    await row('Harbour').getByText('581.2').waitFor()
    expect((await names()).slice(0, 3)).toEqual(['Westfield', 'Docklands', 'Harbour'])
  })

  test('sorts worst first, and by any other column on request, both ways', async () => {
    await open()
    expect((await names()).slice(0, 3)).toEqual(['Westfield', 'Docklands', 'Riverside'])
    await page.getByRole('button', { name: 'Depot', exact: true }).click()
    expect((await names())[0]).toBe('Airport')
    await page
      .getByRole('columnheader', { name: 'Depot' })
      .and(page.locator('[aria-sort=descending]'))
      .waitFor()
    await page.getByRole('button', { name: 'Depot', exact: true }).click()
    expect((await names())[0]).toBe('Westfield')
  })

  test('filters by need, by link and by name', async () => {
    await open()
    await page.getByRole('button', { name: 'Need a look 7' }).click()
    expect(await names()).toHaveLength(7)
    await page.getByRole('button', { name: 'Not live 3' }).click()
    expect(await names()).toEqual(['Riverside', 'Airport', 'Summit'])
    await page.getByRole('searchbox', { name: 'Find a depot' }).fill('air')
    expect(await names()).toEqual(['Airport'])
    await page.getByRole('searchbox').fill('nowhere')
    await page.getByText('No depot fits.').waitFor()
  })
})

describe('when the stream breaks', () => {
  test('the page says so, greys everything, and comes back by itself', async () => {
    await open()
    server.cut()
    await page.getByText('Live connection lost; values from 23:47:12').waitFor()
    expect(await page.locator('.fleet.stale').count()).toBe(1)
    expect(await checkAxe(page)).toEqual([])
    server.restore()
    await page.getByText('Live connection lost').waitFor({ state: 'detached' })
  })
})

describe('a depot’s details', () => {
  test('open and close by keyboard alone, and the focus returns', async () => {
    await open()
    await page.getByRole('button', { name: 'Westfield' }).focus()
    await page.keyboard.press('Enter')
    const sheet = page.getByRole('dialog', { name: 'Westfield' })
    await sheet.waitFor()
    expect(await textOf(sheet)).toMatch(
      /P1 Station A-05: ground fault 23:18.*Headroom 49\.4 kW.*A-01 Faulted – kW/,
    )
    expect(await checkAxe(page)).toEqual([])
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), WAIT).toBe('Westfield')
  })

  test('of a depot not heard yet say just that', async () => {
    await open()
    await page.getByRole('button', { name: 'Summit' }).click()
    await page.getByRole('dialog').getByText('This depot has not been heard yet.').waitFor()
  })
})

describe('fleets of every size', () => {
  test('a fleet without depots says so', async () => {
    fleet = { ...fleet, depots: [] }
    await open()
    await page.getByText('No depot has been set up yet.').waitFor()
    expect(await tile('Power now')).toContain('– kW')
    expect(await checkAxe(page)).toEqual([])
  })

  test('a fleet of a few shows each depot at length', async () => {
    fleet = { ...fleet, depots: fleet.depots.slice(0, 1) }
    await open()
    const depot = page.getByRole('region', { name: 'Westfield' })
    expect(await textOf(depot)).toMatch(/247 of 250 A Last hour limit 500 kW.*P1 Station A-05: ground fault/)
    expect(await depot.getByRole('listitem').filter({ hasText: 'kW' }).count()).toBe(24)
    expect(await checkAxe(page)).toEqual([])
  })

  test('two hundred depots are all there', async () => {
    fleet = {
      ...fleet,
      depots: Array.from({ length: 200 }, (_, i) => fleet.depots[i % 12])
        .filter((depot) => depot !== undefined)
        .map((depot, i) => ({ ...depot, id: `depot-${i}`, name: `${depot.name} ${i}` })),
    }
    await open()
    expect(await names()).toHaveLength(200)
  })
})

const SIZES = { desktop: DESKTOP, tablet: TABLET, phone: PHONE }
const looks = (['light', 'dark'] as const).flatMap((scheme) =>
  (['desktop', 'tablet', 'phone'] as const).map((size) => [scheme, size] as const),
)

describe.each(looks)('in %s on a %s', (scheme, size) => {
  test('axe finds nothing and nothing runs out of the page', async () => {
    await open(SIZES[size], scheme)
    expect(await checkAxe(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
    if (screenshots === undefined) return
    const outFile = join(screenshots, `fleet-${size}-${scheme}.png`)
    const ready = (shown: Page) => shown.getByRole('table').waitFor()
    expect(
      await takePageScreenshot(browser, { url: origin, outFile, scheme, viewport: SIZES[size], ready }),
    ).toEqual([])
  })
})
