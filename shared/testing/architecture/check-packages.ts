import { coversAny, isTest } from './plan.ts'
import { type Project, type Workspace, workspaceOf } from './project.ts'
import type { Target } from './resolve-import.ts'
import { forbidden, importsOf, type ResolvedImport } from './violations.ts'

const packageOf = (target: Target, to: Workspace | undefined): string | undefined => {
  if ('package' in target) return target.package
  return 'file' in target ? to?.name : undefined
}

const isDevelopment = (project: Project, path: string): boolean =>
  isTest(project.plan, path) || /\.config\.ts$/.test(path)

const checkDeclared = (project: Project, { from, specifier, target }: ResolvedImport): string[] => {
  const { workspaces } = project
  const own = workspaceOf(workspaces, from.path)
  const to = 'file' in target ? workspaceOf(workspaces, target.file) : undefined
  const name = packageOf(target, to)
  if (own === undefined || name === undefined || to === own) return []
  if (specifier.startsWith('.')) {
    return [
      forbidden(from.path, `imports ${specifier}`, `between workspaces the package name is used: ${name}`),
    ]
  }
  const root = workspaces.find(({ folder }) => folder === '')
  const extra = isDevelopment(project, from.path) ? [own.devDependencies, root?.devDependencies ?? []] : []
  if ([own.dependencies, ...extra].flat().includes(name)) return []
  const because = `${own.folder}/package.json does not list ${name}, which resolves here only by luck`
  return [forbidden(from.path, `imports ${specifier}`, because)]
}

const checkPure = ({ plan }: Project, { from, specifier, target }: ResolvedImport): string[] => {
  if ('file' in target || isTest(plan, from.path)) return []
  if (!coversAny(plan.pure.folders, from.path)) return []
  return [forbidden(from.path, `imports ${specifier}`, plan.pure.because)]
}

/** Packages a workspace uses without listing them, and any package or Node module in pure code. */
export const checkPackages = (project: Project): string[] =>
  importsOf(project).flatMap((imported) => [
    ...checkPure(project, imported),
    ...checkDeclared(project, imported),
  ])
