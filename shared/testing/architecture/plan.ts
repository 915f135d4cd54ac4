/** A rule from one set of folders or files to another; every rule says why. */
export type Edge = { from: string[]; to: string[]; because: string }

/** Names or strings that may stand only in some folders; tests are free of it. */
export type Confined = { folders: string[]; because: string }

/** The shape of architecture.json. A path covers itself and all below it. */
export type Plan = {
  /** Folder or file to the reason why it imports nothing that is not allowed. */
  modules: Record<string, string>
  allowed: Edge[]
  allowedInTests: Edge[]
  /** Better reasons for some forbidden imports; the first that fits is printed. */
  refusals: Edge[]
  pure: Confined & { globals: string[] }
  slices: { folder: string; open: string[]; may: Record<string, string[]>; because: string }
  onlyIn: (Confined & { names: string[] })[]
  stringsOnlyIn: (Confined & { what: string; pattern: string })[]
  testFolders: string[]
  sizes: {
    generated: string[]
    fileLines: number
    functionLines: number
    parameters: number
    constructorParameters: number
  }
  topLevel: string[]
}

/** Whether `path` is `pattern` or lies below it. */
export const covers = (pattern: string, path: string): boolean =>
  path === pattern || path.startsWith(`${pattern}/`)

/** Whether any of `patterns` covers `path`. */
export const coversAny = (patterns: string[], path: string): boolean =>
  patterns.some((pattern) => covers(pattern, path))

/** The first module of the plan that covers `path`; undefined when the plan does not know the folder. */
export const moduleOf = (plan: Plan, path: string): string | undefined =>
  Object.keys(plan.modules).find((module) => covers(module, path))

/** Whether the file is a test, a port's contract suite or lies in a folder that holds only tests. */
export const isTest = (plan: Plan, path: string): boolean =>
  /\.test\.tsx?$/.test(path) || /\/domain\/ports\/.*contract/.test(path) || coversAny(plan.testFolders, path)

/** The path a test speaks for: `a/b.test.ts` stands where `a/b.ts` stands. */
export const subjectOf = (path: string): string => path.replace(/(\.property)?\.test(\.tsx?)$/, '$2')
