import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import type { Workspace } from './project.ts'

/** What an import leads to: a file of ours (path from the root), a package, or a part of Node. */
export type Target = { file: string } | { package: string } | { builtin: string }

const packageName = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

/** Finds what `specifier` in the file `from` leads to, without asking the disk. */
export const resolveImport = (workspaces: Workspace[], from: string, specifier: string): Target => {
  const bare = specifier.replace(/\?.*$/, '')
  if (bare.startsWith('.')) return { file: posix.join(posix.dirname(from), bare) }
  if (isBuiltin(bare)) return { builtin: bare }
  const name = packageName(bare)
  const workspace = workspaces.find((candidate) => candidate.name === name && candidate.folder !== '')
  if (workspace) return { file: posix.join(workspace.folder, bare.slice(name.length)) }
  return { package: name }
}
