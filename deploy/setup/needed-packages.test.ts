import { expect, test } from 'vitest'
import { askFor, decideStep, type Machine, neededPackages } from './needed-packages.ts'

const debian = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n'
const mint = 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'
const fedora = 'ID=fedora\n'

const without = (...absent: string[]): Machine['exists'] => {
  const proofs = neededPackages.filter(({ name }) => absent.includes(name)).map(({ proof }) => proof)
  return (path) => !proofs.includes(path)
}

const missingNames = (machine: Machine): string[] => {
  const step = decideStep(machine)
  return step.do === 'nothing' ? [] : step.missing.map(({ name }) => name)
}

test('nothing is done when everything is there', () => {
  expect(decideStep({ exists: () => true, osRelease: debian, isRoot: true })).toEqual({ do: 'nothing' })
})

test.each([debian, mint])('root on a Debian relative installs what is missing', (osRelease) => {
  const machine = { exists: without('socat', 'fonts-inter'), osRelease, isRoot: true }
  expect(decideStep(machine).do).toBe('install')
  expect(missingNames(machine)).toEqual(['socat', 'fonts-inter'])
})

test.each([
  ['somebody who is not root', debian, false],
  ['root on another system', fedora, true],
  ['a system that does not say what it is', '', true],
])('%s is asked to install what is missing', (_who, osRelease, isRoot) => {
  expect(decideStep({ exists: without('chromium'), osRelease, isRoot }).do).toBe('ask')
})

test('a missing font alone stops nobody', () => {
  expect(decideStep({ exists: without('fonts-inter'), osRelease: debian, isRoot: false }).do).toBe('nothing')
})

test('the request names each package, its reason and the command', () => {
  const text = askFor(neededPackages.slice(0, 2))
  expect(text).toContain('chromium: runs the page tests')
  expect(text).toContain('sudo apt-get install chromium socat')
})
