import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.json', 'application/json'],
  ['.woff2', 'font/woff2'],
  ['.webmanifest', 'application/manifest+json'],
])

/** What a path that leads to no file fails with. */
const NOT_A_FILE = new Set(['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'])

/** Serves the built pages; any path that is no file gets its page, which does its own routing. */
export async function serveFile(folder: string, path: string): Promise<Response> {
  const wanted = normalize(join(folder, safeDecode(path)))
  const inside = wanted.startsWith(folder + sep)
  const type = TYPES.get(extname(wanted))
  const body = inside && type ? await readOrNull(wanted) : null
  if (body && type) {
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
    return new Response(body, { headers: { 'content-type': type, 'cache-control': cache } })
  }
  if (extname(path) !== '' && extname(path) !== '.html') return notThere(`no file ${path}`)
  const page = await readOrNull(join(folder, 'index.html'))
  if (!page) return notThere('the pages are not built: run npm run build')
  return new Response(page, {
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
  })
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path).replaceAll('\0', '')
  } catch (error) {
    if (error instanceof URIError) return '/'
    throw error
  }
}

async function readOrNull(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof Error && 'code' in error && NOT_A_FILE.has(String(error.code))) return null
    throw error
  }
}

const notThere = (detail: string): Response =>
  new Response(JSON.stringify({ type: 'about:blank', title: 'Not found', status: 404, detail }), {
    status: 404,
    headers: { 'content-type': 'application/problem+json' },
  })
