import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** How a PostgreSQL program is started so that it agrees to run: not as root, and not outliving us. */
export interface Launcher {
  readonly name: string
  /** Program and arguments that stand before PostgreSQL's own. */
  readonly prefix: readonly string[]
  /** Real owner that the data folder needs. */
  readonly owner: number
}

/** Sends a fast shutdown when the process that started it dies, however it dies. */
const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'INT']
/** The traditional `nobody`: initdb wants a uid with a name, and a bare machine has no ordinary user. */
const NOBODY = 65534
const AS_NOBODY = ['setpriv', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups']
/** Lets an unprivileged uid reach binaries and data below a folder that only root may enter. */
const MAY_ENTER = ['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override']

const IN_NAMESPACE = ['unshare', '--user', `--map-user=${NOBODY}`]

/** PostgreSQL refuses to run as root: a user namespace first, then an unprivileged uid that may pass root's folders. */
const FOR_ROOT: readonly Launcher[] = [
  { name: 'user namespace', prefix: [...IN_NAMESPACE, ...DIE_WITH_PARENT], owner: 0 },
  { name: 'user namespace, parent unwatched', prefix: IN_NAMESPACE, owner: 0 },
  { name: 'nobody', prefix: [...AS_NOBODY, ...MAY_ENTER, '--pdeathsig', 'INT'], owner: NOBODY },
  { name: 'nobody, without capabilities', prefix: [...AS_NOBODY, '--pdeathsig', 'INT'], owner: NOBODY },
]

const forUser = (uid: number): readonly Launcher[] => [
  { name: 'direct', prefix: DIE_WITH_PARENT, owner: uid },
  { name: 'direct, parent unwatched', prefix: [], owner: uid },
]

/** The same for every program: no setting of ours leaks in, messages stay in English. */
export const PROGRAM_ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/** The first way on this machine in which `program --version` runs; null when there is none. */
export async function findLauncher(program: string, uid = process.getuid?.() ?? 1): Promise<Launcher | null> {
  for (const launcher of uid === 0 ? FOR_ROOT : forUser(uid)) {
    const { code } = await run(launcher, [program, '--version'])
    if (code === 0) return launcher
  }
  return null
}

/** Runs a program to its end; a program that cannot be started ends with code -1. */
export async function run(
  launcher: Launcher,
  argv: readonly string[],
): Promise<{ code: number; output: string }> {
  const [command = '', ...args] = [...launcher.prefix, ...argv]
  const child = spawn(command, args, { env: PROGRAM_ENV, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  child.stdout.on('data', (chunk) => output.push(String(chunk)))
  child.stderr.on('data', (chunk) => output.push(String(chunk)))
  try {
    const [code] = await once(child, 'close')
    return { code: typeof code === 'number' ? code : -1, output: output.join('') }
  } catch (error) {
    return { code: -1, output: String(error) }
  }
}
