import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import type { CloudConfig, Credential } from './cloud-config.ts'

/** Shorter passwords could be guessed from their plain hash. */
const PASSWORD_LENGTH = 32

/**
 * SHA-256 of every password, by depot.
 * @throws DepotError `config.secret` when a reference leads nowhere or to a short password
 */
export async function depotCredentials(
  config: CloudConfig,
): Promise<ReadonlyMap<string, readonly Uint8Array[]>> {
  const entries = config.depots.map(async ({ id, credentials }) => {
    const hashes = credentials.map((credential) => hashOf(credential, `depots.${id}`))
    return [id, await Promise.all(hashes)] as const
  })
  return new Map(await Promise.all(entries))
}

/** @throws DepotError `config.secret` when the variable is not set */
export function fromEnvironment(name: string, where: string): string {
  const value = process.env[name]
  if (!value) throw new DepotError('config.secret', `${where}: environment variable ${name} is not set`)
  return value
}

async function hashOf(credential: Credential, where: string): Promise<Uint8Array> {
  if ('sha256' in credential) return Buffer.from(credential.sha256, 'hex')
  const password =
    'password_env' in credential
      ? fromEnvironment(credential.password_env, where)
      : await fromFile(credential.password_file, where)
  if (password.length < PASSWORD_LENGTH)
    throw new DepotError(
      'config.secret',
      `${where}: expected a random password of at least ${PASSWORD_LENGTH} characters`,
    )
  return createHash('sha256').update(password).digest()
}

async function fromFile(path: string, where: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw new DepotError('config.secret', `${where}: ${messageOf(cause)}`, { cause })
  }
}
