import { readFile, readlink, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type Clock, wait } from '@busbar/model/clock.ts'
import { DepotError } from '@busbar/model/depot-error.ts'
import { milliseconds } from '@busbar/units/time.ts'

const POLL = milliseconds(50)

/**
 * Makes way for a new server on a data folder after a crash: ends a server that lost its parent and removes a lock file
 * whose number now belongs to another program.
 * @throws DepotError `store.in-use` when another core runs this folder, `store.stuck` when the old server will not end
 */
export async function clearStaleServer(folder: string, clock: Clock): Promise<void> {
  const lock = join(folder, 'postmaster.pid')
  const pid = Number((await readOr(lock, '')).split('\n')[0])
  if (!Number.isInteger(pid) || pid <= 1 || !isAlive(pid)) return
  if ((await linkOr(`/proc/${pid}/cwd`)) !== folder) return rm(lock, { force: true })
  const parent = await parentOf(pid)
  if (
    parent > 1 &&
    parent !== process.pid &&
    basename(await linkOr(`/proc/${parent}/exe`)).startsWith('node')
  )
    throw new DepotError('store.in-use', `${folder}: process ${parent} already runs a database here`)
  // INT is PostgreSQL's fast shutdown, QUIT its immediate one; both leave a folder that recovers by itself.
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    process.kill(pid, signal)
    for (let tries = 0; tries < 100; tries++) {
      if (!isAlive(pid)) return
      await wait(clock, POLL)
    }
  }
  throw new DepotError('store.stuck', `${folder}: process ${pid} does not end`)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** The fourth field of /proc/PID/stat, counted after the name, which may hold spaces and brackets. */
async function parentOf(pid: number): Promise<number> {
  const stat = await readOr(`/proc/${pid}/stat`, '')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
}

const readOr = (path: string, otherwise: string): Promise<string> =>
  readFile(path, 'utf8').catch(() => otherwise)
const linkOr = (path: string): Promise<string> => readlink(path).catch(() => '')
