import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseSource } from './parse-source.ts'
import type { Plan } from './plan.ts'
import type { Project, Workspace } from './project.ts'

const planFile = fileURLToPath(new URL('../../../architecture.json', import.meta.url))
const plan: Plan = JSON.parse(readFileSync(planFile, 'utf8'))

const workspace = (folder: string, name: string, dependencies: string[] = []): Workspace => ({
  folder,
  name,
  dependencies,
  devDependencies: [],
})

const workspaces: Workspace[] = [
  { ...workspace('', 'busbar'), devDependencies: ['vitest'] },
  { ...workspace('edge', '@busbar/edge', ['@busbar/units', 'zod']), devDependencies: ['playwright-core'] },
  workspace('shared/units', '@busbar/units'),
  workspace('shared/contracts', '@busbar/contracts'),
  workspace('shared/testing', '@busbar/testing'),
  workspace('cloud/core', '@busbar/cloud-core', ['@busbar/edge']),
]

/** A project of sources given as text, under the real architecture.json and a few small workspaces. */
export const projectOf = (sources: Record<string, string>, topLevel: string[] = []): Project => ({
  plan,
  files: Object.entries(sources).map(([path, text]) => parseSource(path, text)),
  workspaces,
  topLevel,
})
