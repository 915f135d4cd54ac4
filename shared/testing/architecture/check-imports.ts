import { covers, coversAny, type Edge, isTest, moduleOf, type Plan, subjectOf } from './plan.ts'
import type { Project } from './project.ts'
import { forbidden, importsOf } from './violations.ts'

const fits = (edge: Edge, from: string, to: string): boolean =>
  coversAny(edge.from, from) && coversAny(edge.to, to)

const reasonAgainst = (plan: Plan, from: string, to: string): string | undefined => {
  const subject = subjectOf(from)
  const module = moduleOf(plan, subject)
  if (module === undefined) return undefined
  if (covers(module, to)) return undefined
  if (plan.allowed.some((edge) => fits(edge, subject, to))) return undefined
  if (isTest(plan, from) && plan.allowedInTests.some((edge) => fits(edge, subject, to))) return undefined
  return plan.refusals.find((edge) => fits(edge, subject, to))?.because ?? plan.modules[module]
}

/** Imports between our own folders that architecture.json does not allow, and files in folders it does not know. */
export const checkImports = (project: Project): string[] => {
  const { plan, files } = project
  const strays = files
    .filter(({ path }) => moduleOf(plan, subjectOf(path)) === undefined)
    .map(({ path }) => forbidden(path, 'lies in no folder of architecture.json', 'each folder has its rules'))
  const wrong = importsOf(project).flatMap(({ from, specifier, target }) => {
    if (!('file' in target)) return []
    const because = reasonAgainst(plan, from.path, target.file)
    return because === undefined ? [] : [forbidden(from.path, `imports ${specifier}`, because)]
  })
  return [...strays, ...wrong]
}
