import { readFile } from 'node:fs/promises'
import { DepotError, messageOf } from '@busbar/model/depot-error.ts'
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'

/** One thing wrong with a file: where, and what was expected there. */
export interface ConfigFault {
  readonly line: number
  readonly path: string
  readonly expected: string
}

/** A file read and checked, with a way to say where a value stands. */
export interface ConfigFile<T> {
  readonly value: T
  lineOf(path: readonly (string | number)[]): number
}

/**
 * Reads a YAML file and checks it.
 * @throws DepotError `config.unreadable`, or `config.invalid` naming file, line and what was expected, one line each
 */
export async function readYaml<T>(file: string, schema: z.ZodType<T>): Promise<ConfigFile<T>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new DepotError('config.unreadable', `${file}: ${messageOf(error)}`, { cause: error })
  })
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0)
    throw invalid(
      file,
      document.errors.map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        path: '',
        expected: `valid YAML (${error.message})`,
      })),
    )
  const lineOf = (path: readonly (string | number)[]) => lineOfPath(document, lines, path)
  const parsed = schema.safeParse(plain(file, document))
  if (parsed.success) return { value: parsed.data, lineOf }
  const faults = parsed.error.issues.flatMap(placesOf)
  throw invalid(
    file,
    faults.map(({ path, expected }) => ({ line: lineOf(path), path: path.join('.'), expected })),
  )
}

/** The values alone; an alias that leads nowhere, or everywhere, is found only here. */
function plain(file: string, document: Document): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw invalid(file, [
      { line: 1, path: '', expected: `YAML whose aliases can be followed (${messageOf(error)})` },
    ])
  }
}

type Place = { readonly path: (string | number)[]; readonly expected: string }

/** Where an issue stands: each unknown key at its own place. */
function placesOf(issue: z.core.$ZodIssue): Place[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...path, key], expected: 'no such key: a known one, or none' }))
  return [{ path, expected: issue.message }]
}

/** The error for faults found in a file. */
export function invalid(file: string, faults: readonly ConfigFault[]): DepotError {
  const lines = faults.map(
    ({ line, path, expected }) => `${file}:${line}: ${path === '' ? '' : `${path}: `}${expected}`,
  )
  return new DepotError('config.invalid', lines.join('\n'))
}

/** The line of the key or list entry at `path`, or of the nearest parent that is there. */
function lineOfPath(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = keyAt(document, path.slice(0, length)) ?? document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

function keyAt(document: Document, path: readonly (string | number)[]): unknown {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  if (!isMap(parent)) return undefined
  return parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))?.key
}
