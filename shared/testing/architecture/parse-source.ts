import { parseAst } from 'vitest/node'
import {
  functionIn,
  importIn,
  isNode,
  type Node,
  type ParsedFunction,
  type ParsedImport,
  usesIn,
} from './syntax.ts'

/** A name or string and the line it stands in, from 1. */
export type Placed = { name: string; line: number }

/** What the rules need to know of one source file. */
export type ParsedFile = {
  path: string
  lines: number
  imports: ParsedImport[]
  /** Globals and members, such as `Date.now`, `setTimeout`, `new Date()`, `throw new Error`. */
  uses: Placed[]
  strings: Placed[]
  functions: (ParsedFunction & { line: number })[]
}

const childrenOf = (node: Node): Node[] => Object.values(node).flat().filter(isNode)

const parse = (path: string, text: string): Node => {
  try {
    const tree: unknown = parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }, path)
    return tree as Node
  } catch (cause) {
    throw new Error(`${path} is not TypeScript`, { cause })
  }
}

// One pass over the text: asking for each node again would take minutes on a whole tree.
const lineCounter = (text: string): ((offset: number) => number) => {
  const lines = new Uint32Array(text.length + 1)
  let line = 1
  for (let offset = 0; offset <= text.length; offset += 1) {
    lines[offset] = line
    if (text[offset] === '\n') line += 1
  }
  return (offset) => lines[offset] ?? line
}

const stringIn = (node: Node): string | undefined => {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type === 'TemplateLiteral') return childrenOf(node).map(textOfPart).join('')
  return undefined
}

// A substituted value stands as one letter, so that a pattern still sees a word there.
const textOfPart = (part: Node): string => {
  const value = part.value as { raw?: string } | undefined
  return part.type === 'TemplateElement' ? (value?.raw ?? '') : 'x'
}

/**
 * Reads imports, uses, strings and function sizes out of one TypeScript file.
 * @throws Error that names the file when the text is not TypeScript
 */
export const parseSource = (path: string, text: string): ParsedFile => {
  const lineAt = lineCounter(text)
  const file: ParsedFile = {
    path,
    lines: text.replace(/\n$/, '').split('\n').length,
    imports: [],
    uses: [],
    strings: [],
    functions: [],
  }
  const visit = (node: Node, parent: Node | undefined): void => {
    const line = lineAt(node.start)
    const imported = importIn(node)
    if (imported) file.imports.push(imported)
    for (const name of usesIn(node, parent)) file.uses.push({ name, line })
    const string = stringIn(node)
    if (string !== undefined) file.strings.push({ name: string, line })
    const sized = functionIn(node, parent, lineAt)
    if (sized) file.functions.push({ ...sized, line })
    for (const child of childrenOf(node)) visit(child, node)
  }
  visit(parse(path, text), undefined)
  return file
}
