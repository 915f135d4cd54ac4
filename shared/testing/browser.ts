import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'

export type { Browser, Locator, Page } from 'playwright-core'

const EXECUTABLE = '/usr/bin/chromium'
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--no-first-run',
  '--disable-component-update',
  '--disable-sync',
]

/** Light or dark, as the reader's system asks for it. */
export type Scheme = 'light' | 'dark'
/** A screen in CSS pixels. */
export interface Viewport {
  readonly width: number
  readonly height: number
}
export const DESKTOP: Viewport = { width: 1440, height: 1180 }
export const TABLET: Viewport = { width: 820, height: 1180 }
export const PHONE: Viewport = { width: 390, height: 844 }

/** Starts Debian's Chromium without a window. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: EXECUTABLE, args: QUIET, headless: true })

/** What a page did that it must not: requests to elsewhere, errors in its console. */
export interface PageFaults {
  readonly foreign: string[]
  readonly errors: string[]
}

/** Notes every request that leaves `origin` and every error, from now on. API failures that a test provokes are not errors. */
export function watchPage(page: Page, origin: string): PageFaults {
  const faults: PageFaults = { foreign: [], errors: [] }
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) faults.foreign.push(request.url())
  })
  page.on('pageerror', (error) => faults.errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.errors.push(message.text())
  })
  return faults
}

/** Runs axe on the page as it is; resolves to one line per violation, with where it is. */
export async function checkAxe(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return await page.evaluate(async () => {
    // @ts-expect-error axe has just been put on the window
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] })
    return violations.map(
      (found: { id: string; nodes: { target: string[]; failureSummary: string }[] }) =>
        `${found.id}: ${found.nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary})`).join('; ')}`,
    )
  })
}

interface Screenshot {
  readonly url: string
  readonly outFile: string
  readonly scheme: Scheme
  readonly viewport: Viewport
  /** Waits until the page shows what it is meant to show. */
  readonly ready: (page: Page) => Promise<unknown>
}

/** Takes a picture of a page, still and in full, and checks it with axe; resolves to the violations. */
export async function takePageScreenshot(browser: Browser, shot: Screenshot): Promise<string[]> {
  const page = await browser.newPage({
    viewport: shot.viewport,
    colorScheme: shot.scheme,
    reducedMotion: 'reduce',
    deviceScaleFactor: 1,
  })
  try {
    await page.goto(shot.url)
    await shot.ready(page)
    await page.screenshot({ path: shot.outFile, animations: 'disabled' })
    return await checkAxe(page)
  } finally {
    await page.close()
  }
}
