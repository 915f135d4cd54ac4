/** One node of an ESTree syntax tree; `start` and `end` are offsets into the text. */
export type Node = { type: string; start: number; end: number; [key: string]: unknown }

/** What one import, export-from, dynamic import or require names; `type` leaves nothing at run time. */
export type ParsedImport = { specifier: string; kind: 'value' | 'type' }

/** A function with a body: its lines from first to last, its parameters, and what it is. */
export type ParsedFunction = {
  name: string
  lines: number
  parameters: number
  kind: 'function' | 'constructor' | 'group of tests' | 'table test'
}

/** Whether a value found in a tree is a node itself. */
export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

const nameOf = (value: unknown): string | undefined =>
  isNode(value) && (value.type === 'Identifier' || value.type === 'PrivateIdentifier')
    ? (value.name as string)
    : undefined

const textOf = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Literal' && typeof value.value === 'string' ? value.value : undefined

const isRequire = (node: Node): boolean =>
  node.type === 'CallExpression' && ['require', 'require.resolve'].includes(dotted(node.callee) ?? '')

/** The import a node makes, if it makes one. */
export const importIn = (node: Node): ParsedImport | undefined => {
  const first = isRequire(node) ? (node.arguments as unknown[])[0] : node.source
  const specifier = textOf(first)
  if (specifier === undefined) return undefined
  const isType = node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type'
  return { specifier, kind: isType ? 'type' : 'value' }
}

const dotted = (value: unknown): string | undefined => {
  if (!isNode(value) || value.type !== 'MemberExpression' || value.computed === true) return nameOf(value)
  const object = dotted(value.object)
  const property = nameOf(value.property)
  if (object === undefined || property === undefined) return undefined
  return ['globalThis', 'window', 'self'].includes(object) ? property : `${object}.${property}`
}

const NAMES_ONLY = new Set([
  'Property',
  'PropertyDefinition',
  'MethodDefinition',
  'TSPropertySignature',
  'TSMethodSignature',
  'MemberExpression',
  'TSTypeQuery',
  'TSTypeReference',
  'TSQualifiedName',
  'ImportSpecifier',
  'ExportSpecifier',
  'LabeledStatement',
  'TSNamedTupleMember',
])

const isMereName = (node: Node, parent: Node | undefined): boolean => {
  if (parent === undefined || !NAMES_ONLY.has(parent.type)) return false
  if (parent.computed === true) return false
  if (parent.type === 'MemberExpression') return parent.property === node
  if (parent.type === 'Property' || parent.type.endsWith('Definition')) return parent.value !== node
  return true
}

const isError = (value: unknown): boolean =>
  isNode(value) && value.type === 'NewExpression' && nameOf(value.callee) === 'Error'

/** The names a node uses: a bare identifier, a member of one, `new Date()`, `throw new Error`. */
export const usesIn = (node: Node, parent: Node | undefined): string[] => {
  if (node.type === 'Identifier') return isMereName(node, parent) ? [] : [node.name as string]
  if (node.type === 'ThrowStatement') return isError(node.argument) ? ['throw new Error'] : []
  if (node.type === 'NewExpression') return isNow(node) ? ['new Date()'] : []
  const member = node.type === 'MemberExpression' ? dotted(node) : undefined
  return member === undefined ? [] : [member]
}

const isNow = (node: Node): boolean =>
  dotted(node.callee) === 'Date' && (node.arguments as unknown[]).length === 0

const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']

const kindOf = (parent: Node | undefined): ParsedFunction['kind'] => {
  if (parent?.kind === 'constructor') return 'constructor'
  const called = parent?.type === 'CallExpression' ? parent.callee : undefined
  const isTable = isNode(called) && called.type === 'CallExpression'
  const callee = dotted(isTable ? called.callee : called) ?? ''
  if (callee.startsWith('describe')) return 'group of tests'
  return isTable && callee.endsWith('.each') ? 'table test' : 'function'
}

/** The size of a function node that has a body; an overload or a type has none. */
export const functionIn = (
  node: Node,
  parent: Node | undefined,
  lineAt: (offset: number) => number,
): ParsedFunction | undefined => {
  if (!FUNCTIONS.includes(node.type) || !isNode(node.body)) return undefined
  const name = nameOf(node.id) ?? nameOf(parent?.id) ?? nameOf(parent?.key) ?? 'a function'
  const lines = lineAt(node.end) - lineAt(node.start) + 1
  return { name, lines, parameters: (node.params as unknown[]).length, kind: kindOf(parent) }
}
