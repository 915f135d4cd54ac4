import type { ParsedFile } from './parse-source.ts'
import type { Project } from './project.ts'
import { resolveImport, type Target } from './resolve-import.ts'
import type { ParsedImport } from './syntax.ts'

/** The line a person reads when a rule is broken. */
export const forbidden = (where: string, what: string, because: string): string =>
  `${where}: ${what}: forbidden because ${because}`

/** One import of one file and where it leads. */
export type ResolvedImport = ParsedImport & { from: ParsedFile; target: Target }

/** Every import of the project, resolved. */
export const importsOf = ({ files, workspaces }: Project): ResolvedImport[] =>
  files.flatMap((from) =>
    from.imports.map((imported) => ({
      ...imported,
      from,
      target: resolveImport(workspaces, from.path, imported.specifier),
    })),
  )
