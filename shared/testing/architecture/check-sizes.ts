import type { ParsedFile } from './parse-source.ts'
import { coversAny, type Plan } from './plan.ts'
import type { Project } from './project.ts'
import type { ParsedFunction } from './syntax.ts'
import { forbidden } from './violations.ts'

type Sizes = Plan['sizes']

const tooMuch = (where: string, what: string, limit: number): string =>
  forbidden(where, what, `the budget is ${limit}`)

const checkFile = (sizes: Sizes, { path, lines }: ParsedFile): string[] =>
  lines > sizes.fileLines ? [tooMuch(path, `has ${lines} lines`, sizes.fileLines)] : []

// The columns of a truth table are no parameters a caller has to keep apart.
const mostParameters = (sizes: Sizes, kind: ParsedFunction['kind']): number => {
  if (kind === 'table test') return Number.POSITIVE_INFINITY
  return kind === 'constructor' ? sizes.constructorParameters : sizes.parameters
}

const checkFunction = (sizes: Sizes, path: string, found: ParsedFile['functions'][number]): string[] => {
  const { kind, line, lines, name, parameters } = found
  if (kind === 'group of tests') return []
  const where = `${path}:${line}`
  const most = mostParameters(sizes, kind)
  return [
    ...(lines > sizes.functionLines
      ? [tooMuch(where, `${name} has ${lines} lines`, sizes.functionLines)]
      : []),
    ...(parameters > most ? [tooMuch(where, `${name} takes ${parameters} parameters`, most)] : []),
  ]
}

/** Files, functions and parameter lists over their budget; generated code has none. */
export const checkSizes = ({ plan: { sizes }, files }: Project): string[] =>
  files
    .filter(({ path }) => !coversAny(sizes.generated, path))
    .flatMap((file) => [
      ...checkFile(sizes, file),
      ...file.functions.flatMap((found) => checkFunction(sizes, file.path, found)),
    ])

/** Top-level entries beside the agreed ones; dotfiles and `*.config.ts` are always free. */
export const checkTopLevel = ({ plan, topLevel }: Project): string[] =>
  topLevel
    .filter((entry) => !entry.startsWith('.') && !/\.config\.ts$/.test(entry))
    .filter((entry) => !plan.topLevel.includes(entry))
    .map((entry) =>
      forbidden(entry, 'lies at the top level', 'a newcomer finds everything below five folders'),
    )
