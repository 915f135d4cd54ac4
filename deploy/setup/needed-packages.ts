/** A Debian package the tests use; `proof` is a path that exists when it is installed. */
export type NeededPackage = { name: string; proof: string; why: string; optional: boolean }

/** Everything the tests need beside npm's own packages. */
export const neededPackages: NeededPackage[] = [
  { name: 'chromium', proof: '/usr/bin/chromium', why: 'runs the page tests', optional: false },
  { name: 'socat', proof: '/usr/bin/socat', why: 'joins two serial lines for Modbus RTU', optional: false },
  {
    name: 'openssl',
    proof: '/usr/bin/openssl',
    why: 'makes certificates as others make them',
    optional: false,
  },
  {
    name: 'util-linux',
    proof: '/usr/bin/unshare',
    why: 'starts PostgreSQL, which refuses to run as root, as another user',
    optional: false,
  },
  {
    name: 'fonts-inter',
    proof: '/usr/share/fonts/opentype/inter',
    why: 'makes screenshots look as the pages do',
    optional: true,
  },
]

/** The facts about a machine that decide what to do about missing packages. */
export type Machine = { exists: (path: string) => boolean; osRelease: string; isRoot: boolean }

/** What to do: nothing, install the named packages, or tell a person to. */
export type Step = { do: 'nothing' } | { do: 'install' | 'ask'; missing: NeededPackage[] }

const isDebian = (osRelease: string): boolean => /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease)

/** Decides the step; a missing optional package alone never bothers a person. */
export const decideStep = ({ exists, osRelease, isRoot }: Machine): Step => {
  const missing = neededPackages.filter(({ proof }) => !exists(proof))
  if (missing.length === 0) return { do: 'nothing' }
  if (isRoot && isDebian(osRelease)) return { do: 'install', missing }
  return missing.every(({ optional }) => optional) ? { do: 'nothing' } : { do: 'ask', missing }
}

/** What a person reads, and can paste, when packages are missing. */
export const askFor = (missing: NeededPackage[]): string => {
  const reasons = missing.map(({ name, why }) => `  ${name}: ${why}`).join('\n')
  const names = missing.map(({ name }) => name).join(' ')
  return `The tests need these packages:\n${reasons}\nOn Debian or Ubuntu:\n  sudo apt-get install ${names}`
}
