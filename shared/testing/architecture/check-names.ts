import type { ParsedFile, Placed } from './parse-source.ts'
import { type Confined, coversAny, isTest } from './plan.ts'
import type { Project } from './project.ts'
import { forbidden, importsOf } from './violations.ts'

const isFree = ({ plan }: Project, file: ParsedFile, rule: Confined): boolean =>
  isTest(plan, file.path) || coversAny(rule.folders, file.path)

const say = (file: ParsedFile, { name, line }: Placed, because: string): string =>
  forbidden(`${file.path}:${line}`, `uses ${name}`, because)

const checkUses = (project: Project, file: ParsedFile): string[] =>
  project.plan.onlyIn.flatMap((rule) => {
    if (isFree(project, file, rule)) return []
    const used = file.uses.filter(({ name }) => rule.names.includes(name))
    return used.map((use) => say(file, use, rule.because))
  })

const checkStrings = (project: Project, file: ParsedFile): string[] =>
  project.plan.stringsOnlyIn.flatMap((rule) => {
    if (isFree(project, file, rule)) return []
    const pattern = new RegExp(rule.pattern, 'i')
    const found = file.strings.filter(({ name }) => pattern.test(name))
    return found.map(({ line }) => say(file, { name: rule.what, line }, rule.because))
  })

const checkGlobals = ({ plan }: Project, file: ParsedFile): string[] => {
  if (isTest(plan, file.path) || !coversAny(plan.pure.folders, file.path)) return []
  const used = file.uses.filter(({ name }) => plan.pure.globals.includes(name))
  return used.map((use) => say(file, use, plan.pure.because))
}

const checkImported = (project: Project): string[] =>
  importsOf(project).flatMap(({ from, specifier, target }) => {
    const name = 'package' in target ? target.package : specifier
    const rule = project.plan.onlyIn.find(({ names }) => names.includes(name))
    if (rule === undefined || isFree(project, from, rule)) return []
    return [forbidden(from.path, `imports ${specifier}`, rule.because)]
  })

/** Clocks, environment, plain errors, native modules, SQL and device data outside the folders they belong to. */
export const checkNames = (project: Project): string[] => [
  ...checkImported(project),
  ...project.files.flatMap((file) => [
    ...checkUses(project, file),
    ...checkStrings(project, file),
    ...checkGlobals(project, file),
  ]),
]
