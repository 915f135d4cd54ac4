import type { Project } from './project.ts'
import { forbidden, importsOf } from './violations.ts'

type Graph = Map<string, string[]>

const graphOf = (project: Project): Graph => {
  const graph: Graph = new Map(project.files.map(({ path }) => [path, []]))
  for (const { from, kind, target } of importsOf(project)) {
    if (kind === 'value' && 'file' in target) graph.get(from.path)?.push(target.file)
  }
  return graph
}

/** The shortest way from `start` back to itself; undefined when there is none. */
const ringThrough = (graph: Graph, start: string): string[] | undefined => {
  const ways = [[start]]
  const seen = new Set<string>()
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return [...way, start]
      if (seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  return undefined
}

/** Files that import each other in a ring at run time; one line for each ring, type-only imports apart. */
export const checkCycles = (project: Project): string[] => {
  const graph = graphOf(project)
  const reported = new Set<string>()
  const found: string[] = []
  for (const start of graph.keys()) {
    const ring = reported.has(start) ? undefined : ringThrough(graph, start)
    if (ring === undefined) continue
    for (const path of ring) reported.add(path)
    const because = 'files in a ring can only be read, tested and changed together'
    found.push(forbidden(start, `imports in a ring ${ring.join(' -> ')}`, because))
  }
  return found
}
