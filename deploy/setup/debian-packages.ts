// Runs before `npm test`, so it may use nothing but Node itself.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { askFor, decideStep, type Machine, type NeededPackage } from './needed-packages.ts'

const OS_RELEASE = '/etc/os-release'

const aptGet = (...args: string[]): boolean => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  // Without network each `npm test` would otherwise wait for minutes.
  const limits = ['-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=15']
  const run = spawnSync('apt-get', [...limits, ...args], { env, encoding: 'utf8', timeout: 600_000 })
  if (run.status === 0) return true
  console.error(`apt-get ${args.join(' ')} failed: ${run.error?.message ?? `exit ${run.status}`}`)
  console.error(`${run.stdout}${run.stderr}`)
  return false
}

const install = (missing: NeededPackage[]): boolean => {
  const names = missing.map(({ name }) => name)
  console.log(`Installing ${names.join(', ')} for the tests`)
  return aptGet('update', '-q') && aptGet('install', '-y', '-q', '--no-install-recommends', ...names)
}

const machine: Machine = {
  exists: existsSync,
  osRelease: existsSync(OS_RELEASE) ? readFileSync(OS_RELEASE, 'utf8') : '',
  isRoot: process.getuid?.() === 0,
}

const step = decideStep(machine)
if (step.do === 'install') install(step.missing)
const required = step.do === 'nothing' ? [] : step.missing.filter(({ optional }) => !optional)
const stillMissing = required.filter(({ proof }) => !existsSync(proof))
if (stillMissing.length > 0) {
  console.error(askFor(stillMissing))
  process.exitCode = 1
}
