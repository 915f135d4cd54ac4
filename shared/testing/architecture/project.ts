import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ParsedFile, parseSource } from './parse-source.ts'
import { covers, type Plan } from './plan.ts'

/** One package.json of the tree; `folder` is '' for the root. */
export type Workspace = {
  folder: string
  name: string
  dependencies: string[]
  devDependencies: string[]
}

/** Everything the rules look at: the plan, the parsed files, the packages and the top-level entries. */
export type Project = { plan: Plan; files: ParsedFile[]; workspaces: Workspace[]; topLevel: string[] }

const SKIPPED = new Set(['node_modules', 'dist', 'data', 'coverage'])

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

const sourcesBelow = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourcesBelow(root, path)
    return /(?<!\.d)\.tsx?$/.test(entry.name) ? [path] : []
  })

const readWorkspace = (root: string, folder: string): Workspace => {
  const manifest = readJson(join(root, folder, 'package.json')) as Record<string, Record<string, string>>
  const names = (...fields: string[]): string[] =>
    fields.flatMap((field) => Object.keys(manifest[field] ?? {}))
  return {
    folder,
    name: String(manifest.name),
    dependencies: names('dependencies', 'optionalDependencies', 'peerDependencies'),
    devDependencies: names('devDependencies'),
  }
}

/** Reads the tree below `root` as it stands on disk. */
export const readProject = (root: string): Project => {
  const { workspaces } = readJson(join(root, 'package.json')) as { workspaces: string[] }
  const sources = ['edge', 'cloud', 'shared', 'deploy']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => sourcesBelow(root, folder))
  return {
    plan: readJson(join(root, 'architecture.json')) as Plan,
    files: sources.map((path) => parseSource(path, readFileSync(join(root, path), 'utf8'))),
    workspaces: ['', ...workspaces].map((folder) => readWorkspace(root, folder)),
    topLevel: readdirSync(root),
  }
}

/** The innermost workspace a file lies in; undefined outside all of them. */
export const workspaceOf = (workspaces: Workspace[], path: string): Workspace | undefined =>
  workspaces
    .filter(({ folder }) => folder !== '' && covers(folder, path))
    .sort((a, b) => b.folder.length - a.folder.length)[0]
