import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { DepotError } from '@busbar/model/depot-error.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGES = ['edge/lan-ui', 'cloud/dashboard']
const SHARED = ['shared/ui-kit', 'shared/contracts', 'shared/units', 'shared/model', 'package-lock.json']
const STAMP = '.built-from'

const isSource = (path: string): boolean =>
  !/(^|\/)(dist|node_modules|\.vite)\//.test(path) && !/\.(test\.tsx?|md)$/.test(path)

async function filesOf(path: string): Promise<string[]> {
  if (path.endsWith('.json')) return [path]
  const entries = await readdir(join(ROOT, path), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter(isSource)
}

/** One hash over the names and contents of everything a page is made of. */
async function sourceHash(page: string): Promise<string> {
  const files = (await Promise.all([page, ...SHARED].map(filesOf))).flat().sort()
  const hash = createHash('sha256')
  const texts = await Promise.all(files.map((file) => readFile(join(ROOT, file))))
  for (const [i, text] of texts.entries()) hash.update(`${files[i]}\0${text.length}\0`).update(text)
  return hash.digest('hex')
}

async function isCurrent(page: string, hash: string): Promise<boolean> {
  const stamp = join(ROOT, page, 'dist', STAMP)
  return existsSync(stamp) && (await readFile(stamp, 'utf8')) === hash
}

async function vite(page: string): Promise<void> {
  const folder = join(ROOT, page)
  const manifest = createRequire(join(folder, 'package.json')).resolve('vite/package.json')
  const run = spawn(process.execPath, [join(manifest, '../bin/vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code] = await once(run, 'exit')
  if (code !== 0) throw new DepotError('build.page-failed', `${page}: vite build ended with code ${code}`)
}

/** Builds one page unless what is there was built from the sources as they are. Says whether it built. */
async function buildPage(page: string): Promise<boolean> {
  const hash = await sourceHash(page)
  if (await isCurrent(page, hash)) return false
  await rm(join(ROOT, page, 'dist', STAMP), { force: true })
  await vite(page)
  await writeFile(join(ROOT, page, 'dist', STAMP), hash)
  return true
}

/** Builds both pages into their `dist` folders where needed; returns the folders built. */
export async function buildPages(): Promise<string[]> {
  const built = await Promise.all(PAGES.map(buildPage))
  return PAGES.filter((_, i) => built[i])
}

if (import.meta.main) for (const page of await buildPages()) console.log(`built ${page}/dist`)
