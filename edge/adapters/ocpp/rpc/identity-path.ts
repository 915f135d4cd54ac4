/** Paths before the identity that stations in the field are set up with. */
const PREFIXES: ReadonlySet<string> = new Set(['', 'ocpp', 'webServices/ocpp'])
const IDENTITY = /^[A-Za-z0-9][A-Za-z0-9*\-_=:+|@.]{0,47}$/
/** Above every prefix with the identity twice; nobody has proven anything yet, so longer paths are not looked at. */
const LONGEST_PATH = 256

/** The identity named by a request path, or null when the path is broken, unknown or odd. */
export function identityFromPath(url: string | undefined): string | null {
  const path = url?.split('?', 1)[0] ?? ''
  if (!path.startsWith('/') || path.length > LONGEST_PATH) return null
  const bare = withoutSlashes(path)
  if (PREFIXES.has(bare)) return null
  const segments = bare.split('/')
  const identity = decoded(segments.pop() ?? '')
  if (identity === null || !IDENTITY.test(identity)) return null
  // Some stations append their identity to an address that already ends in it.
  if (segments.at(-1) === identity) segments.pop()
  return PREFIXES.has(segments.join('/')) ? identity : null
}

function withoutSlashes(path: string): string {
  let [start, end] = [0, path.length]
  while (path[start] === '/') start++
  while (end > start && path[end - 1] === '/') end--
  return path.slice(start, end)
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    // A broken percent-encoding names nobody.
    return null
  }
}
