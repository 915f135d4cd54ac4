import { covers, type Plan } from './plan.ts'
import type { Project } from './project.ts'
import { forbidden, importsOf } from './violations.ts'

type Slices = Plan['slices']

const sliceOf = ({ folder }: Slices, path: string): string | undefined => {
  const inside = covers(folder, path) ? path.slice(folder.length + 1).split('/') : []
  return inside.length > 1 ? inside[0] : undefined
}

const mayUse = (slices: Slices, from: string | undefined, to: string | undefined): boolean => {
  if (from === undefined || to === undefined || from === to) return true
  if (slices.open.includes(from) || slices.open.includes(to)) return true
  return slices.may[from]?.includes(to) ?? false
}

/** Imports from one slice of the domain to another against their order, and slices the plan does not know. */
export const checkSlices = (project: Project): string[] => {
  const { slices } = project.plan
  const known = [...Object.keys(slices.may), ...slices.open]
  const strays = project.files
    .filter(({ path }) => !known.includes(sliceOf(slices, path) ?? slices.open[0] ?? ''))
    .map(({ path }) => forbidden(path, 'lies in no known slice', slices.because))
  const wrong = importsOf(project).flatMap(({ from, specifier, target }) => {
    if (!('file' in target)) return []
    if (mayUse(slices, sliceOf(slices, from.path), sliceOf(slices, target.file))) return []
    return [forbidden(from.path, `imports ${specifier}`, slices.because)]
  })
  return [...strays, ...wrong]
}
