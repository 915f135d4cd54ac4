import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ManualPreview } from '@busbar/contracts/lan-api/manual.ts'
import type { SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import type { WhyView } from '@busbar/contracts/lan-api/why.ts'
import {
  type Browser,
  checkAxe,
  DESKTOP,
  launchBrowser,
  type Page,
  type PageFaults,
  PHONE,
  TABLET,
  watchPage,
} from '@busbar/testing/browser.ts'
import { PageServer } from '@busbar/testing/page-server.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exampleSite, exampleTrend } from './example-site.ts'

const WAIT = { timeout: 10_000 }
const dist = join(import.meta.dirname, 'dist')
const screenshots = process.env.BUSBAR_SCREENSHOTS
const OVERRIDE = '/api/v1/evses/B-01/1/override'
const LIMIT = '/api/v1/circuits/F2/operating-limit'

const why = (): WhyView => ({
  ...{ at: '2026-11-21T23:47:12.300Z', station: 'B-01', evse: 1, label: 'B-01', state: 'limited' },
  ...{ code: 'row-full', short: 'Feeder 2, L1 is full', unit: 'A', limit: 14, share: 14 },
  sentence: 'Gets 14 A: Feeder 2, L1 is full (247 of 250 A: building 40, 7 others 193, this one 14)',
  row: {
    ...{ row: 'F2/l1', name: 'Feeder 2, L1', unit: 'A', duty: 'protect', counted: 'shares', limit: 250 },
    ...{ building: 40, others: 193, other_count: 7, own: 14, used: 247, step: 6 },
  },
  also: [],
  frees: { what: 'B-104 leaves, or less is drawn there', at: '2026-11-22T04:45:00.000Z' },
  override: null,
})
const preview = (): ManualPreview => ({
  ...{ at: '2026-11-21T23:47:12.300Z', total_before_w: 158_900, total_after_w: 156_000 },
  changes: [
    {
      ...{ station: 'B-01', evse: 1, label: 'B-01', vehicle: 'B-108', before_w: 9_600, after_w: 0 },
      ...{
        departure_at: '2026-11-22T04:10:00.000Z',
        readiness_before: 'on-track',
        readiness_after: 'not-ready',
      },
    },
    {
      ...{ station: 'B-02', evse: 1, label: 'B-02', vehicle: 'B-117', before_w: 9_600, after_w: 11_000 },
      ...{ departure_at: null, readiness_before: null, readiness_after: null },
    },
  ],
})

let site: SiteView
let answer: unknown
let origin: string
let browser: Browser
let page: Page
let faults: PageFaults
const server = new PageServer({
  dist,
  answers: {
    '/api/v1/site': () => site,
    '/api/v1/site/trend': exampleTrend,
    '/api/v1/evses/B-01/1/why': why,
    [OVERRIDE]: () => answer,
    [`${OVERRIDE}/preview`]: preview,
    [LIMIT]: () => answer,
    [`${LIMIT}/preview`]: preview,
  },
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
beforeEach(async () => {
  site = exampleSite()
  answer = { status: 'accepted', reason: null }
  await page.setViewportSize(DESKTOP)
  const opened = server.opened
  await page.goto(origin)
  await expect.poll(() => server.opened, WAIT).toBeGreaterThan(opened)
})
afterEach(() => {
  expect(faults).toEqual({ foreign: [], errors: [] })
})

const open = (name: string) => page.getByRole('button', { name, exact: true }).click()
const textOf = async (locator: ReturnType<Page['locator']>): Promise<string> =>
  (await locator.innerText()).replace(/\s+/g, ' ')
const changed = (label: string, change: Partial<SiteView['evses'][number]>) =>
  server.send('site', {
    ...site,
    evses: site.evses.map((evse) => (evse.label === label ? { ...evse, ...change } : evse)),
  })
const PAUSE = {
  ...{ how: 'pause' as const, limit_a: null, limit_w: null, reason: 'washing', by: 'Ada' },
  ...{ since: '2026-11-21T23:46:12.300Z', until: '2026-11-22T01:47:12.300Z' },
}

describe('why', () => {
  test('is the whole sentence, what fills the row and what would free it', async () => {
    await open('B-01')
    const panel = page.getByRole('dialog').getByRole('region', { name: 'Why' })
    await panel.getByText('Gets 14 A: Feeder 2, L1 is full').waitFor(WAIT)
    const text = await textOf(panel)
    expect(text).toContain('Feeder 2, L1 247 of 250 A')
    expect(text).toContain('Building 40 A 7 others 193 A This one 14 A One step more 6 A')
    expect(text).toContain('Frees it B-104 leaves, or less is drawn there')
    await panel
      .getByRole('img', { name: /^Feeder 2, L1: building 40 A, 7 others 193 A, this one 14 A/ })
      .waitFor()
    expect(await checkAxe(page)).toEqual([])
  })

  test('is the card’s sentence while the controller gives no other', async () => {
    await open('B-02')
    await page.getByRole('region', { name: 'Why' }).getByText('Feeder 2, L1 is full; 6 min short').waitFor()
  })
})

describe('a pause', () => {
  test('is made by keyboard: effect, reason, end, and one button that names it', async () => {
    await open('B-01')
    const sheet = page.getByRole('dialog')
    await sheet.getByRole('button', { name: 'Pause B-01…' }).focus()
    await page.keyboard.press('Enter')
    const form = sheet.getByRole('form', { name: 'Pause B-01' })
    const act = form.getByRole('button', { name: /^Pause B-01 until / })
    expect(await act.isDisabled()).toBe(true)
    await form.getByLabel('Reason').fill('washing')
    expect(await act.isDisabled()).toBe(true)
    await form.getByRole('button', { name: 'Show the effect' }).focus()
    await page.keyboard.press('Enter')
    await form.getByText('9.6 → 0.0 kW').waitFor(WAIT)
    expect(await textOf(form)).toContain('B-01 B-108 9.6 → 0.0 kW leaves Sun 22 Nov, 04:10: not ready')
    expect(await checkAxe(page)).toEqual([])
    const asked = page.waitForRequest((request) => request.method() === 'PUT')
    await act.focus()
    await page.keyboard.press('Enter')
    const request = await asked
    const { how, reason, until } = request.postDataJSON()
    expect([new URL(request.url()).pathname, how, reason]).toEqual([OVERRIDE, 'pause', 'washing'])
    const hours = (Date.parse(until) - Date.parse(site.at)) / 3_600_000
    expect(hours).toBeGreaterThan(1.99)
    expect(hours).toBeLessThan(2.05)
    await form.waitFor({ state: 'detached' })
  })

  test('shows another end only after its effect was looked at again', async () => {
    await open('B-01')
    await page.getByRole('button', { name: 'Pause B-01…' }).click()
    const form = page.getByRole('form', { name: 'Pause B-01' })
    await form.getByLabel('Reason').fill('washing')
    await form.getByRole('button', { name: 'Show the effect' }).click()
    const act = form.getByRole('button', { name: /^Pause B-01 until / })
    await expect.poll(() => act.isEnabled(), WAIT).toBe(true)
    await form.getByLabel('For').selectOption('8 hours')
    expect(await act.isDisabled()).toBe(true)
  })

  test('that is refused says why and leaves the form', async () => {
    answer = { status: 'rejected', reason: 'an override ends within 24 hours' }
    await open('B-01')
    await page.getByRole('button', { name: 'Charge B-01 first…' }).click()
    const form = page.getByRole('form', { name: 'Charge B-01 first' })
    await form.getByLabel('Reason').fill('late duty')
    await form.getByRole('button', { name: 'Show the effect' }).click()
    const act = form.getByRole('button', { name: /^Charge B-01 first until / })
    await expect.poll(() => act.isEnabled(), WAIT).toBe(true)
    await act.click()
    await form.getByRole('alert').getByText('an override ends within 24 hours').waitFor(WAIT)
  })

  test('that stands says by whom, why and until when, whether it is verified, and can be undone', async () => {
    await open('B-01')
    changed('B-01', { override: PAUSE })
    const part = page.getByRole('region', { name: 'By hand' })
    await part.getByText('Paused').waitFor(WAIT)
    expect(await textOf(part)).toMatch(
      /Paused until Sun 22 Nov, 01:47, by Ada, .* ago: washing; not verified: it still draws 9\.4 kW/,
    )
    changed('B-01', { override: PAUSE, actual_w: 0 })
    await part.getByText('verified: it draws nothing').waitFor(WAIT)
    const asked = page.waitForRequest((request) => request.method() === 'DELETE')
    await part.getByRole('button', { name: 'End the pause' }).click()
    expect(new URL((await asked).url()).pathname).toBe(OVERRIDE)
  })

  test('of another kind is a badge on the card', async () => {
    changed('B-02', { override: { ...PAUSE, how: 'charge' } })
    await page.getByText('Charges first until Sun 22 Nov, 01:47, by Ada').waitFor(WAIT)
  })
})

describe('an operating limit', () => {
  test('is set on the circuit, never above its rating, and shown where it holds', async () => {
    await open('Feeder 2')
    const sheet = page.getByRole('dialog', { name: 'Feeder 2' })
    await sheet.getByText('None; the rating alone counts.').waitFor()
    await sheet.getByRole('button', { name: 'Limit Feeder 2…' }).click()
    const form = sheet.getByRole('form', { name: 'Limit Feeder 2' })
    const limit = form.getByLabel('Limit, A on each conductor, at most 250')
    await limit.fill('260')
    expect(await limit.getAttribute('aria-invalid')).toBe('true')
    expect(await form.getByRole('button', { name: 'Show the effect' }).isDisabled()).toBe(true)
    await limit.fill('200')
    await form.getByLabel('Reason').fill('the cable is warm')
    await form.getByRole('button', { name: 'Show the effect' }).click()
    await form.getByText('158.9').waitFor(WAIT)
    expect(await checkAxe(page)).toEqual([])
    const asked = page.waitForRequest((request) => request.method() === 'PUT')
    await form.getByRole('button', { name: /^Limit Feeder 2 to 200 A until / }).click()
    expect((await asked).postDataJSON()).toMatchObject({ limit_a: 200, reason: 'the cable is warm' })
    const set = { limit_a: 200, limit_w: null, reason: 'the cable is warm', by: 'Bo' }
    const limited = { ...set, since: PAUSE.since, until: null }
    server.send('site', {
      ...site,
      circuits: site.circuits.map((circuit) =>
        circuit.id === 'F2' ? { ...circuit, operating_limit: limited } : circuit,
      ),
    })
    await sheet.getByText('200 A until it is ended, by Bo').waitFor(WAIT)
    await sheet.getByRole('button', { name: 'End the operating limit' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Limited to 200 A, by Bo').waitFor(WAIT)
  })
})

const looks = (['light', 'dark'] as const).flatMap((scheme) =>
  (
    [
      ['tablet', TABLET],
      ['phone', PHONE],
      ['desktop', DESKTOP],
    ] as const
  ).map(([size, view]) => ({ scheme, size, view })),
)

test.each(looks)(
  'in $scheme on a $size the sheet has room for a pause, and axe finds nothing',
  async (of) => {
    await page.emulateMedia({ colorScheme: of.scheme, reducedMotion: 'reduce' })
    await page.setViewportSize(of.view)
    await open('B-01')
    const sheet = page.getByRole('dialog')
    await sheet.getByRole('button', { name: 'Pause B-01…' }).click()
    await sheet.getByLabel('Reason').fill('washing')
    await sheet.getByRole('button', { name: 'Show the effect' }).click()
    await sheet.getByText('9.6 → 0.0 kW').waitFor(WAIT)
    expect(await checkAxe(page)).toEqual([])
    expect(await sheet.evaluate((el) => el.scrollWidth - el.clientWidth)).toBe(0)
    if (screenshots !== undefined)
      await page.screenshot({ path: join(screenshots, `act-${of.size}-${of.scheme}.png`) })
  },
)
