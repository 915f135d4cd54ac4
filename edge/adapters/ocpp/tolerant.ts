import type { Payload } from './rpc/frame.ts'

/** Reading what stations send: what is meant counts, whatever type it has. Each answers null for what is not there. */

export const textOf = (value: unknown): string | null => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? null : text
}

export const numberOf = (value: unknown): number | null => {
  const text = textOf(value)
  if (text === null || typeof value === 'boolean') return null
  const number = Number(/^-?\d+,\d+$/.test(text) ? text.replace(',', '.') : text)
  return Number.isFinite(number) ? number : null
}

/** A list; a single object counts as a list of one. */
export const objectsOf = (value: unknown): readonly Payload[] =>
  (Array.isArray(value) ? value : [value]).filter(
    (item): item is Payload => typeof item === 'object' && item !== null && !Array.isArray(item),
  )

/** Words are compared by their letters alone. */
export const plainWord = (word: string): string => word.toLowerCase().replace(/[^a-z0-9]/g, '')

/** Finds a word of a table whatever its case, blanks and hyphens. */
export function words<T>(table: Readonly<Record<string, T>>): (word: string | null) => T | undefined {
  const byPlain = new Map(Object.entries(table).map(([name, meaning]) => [plainWord(name), meaning]))
  return (word) => (word === null ? undefined : byPlain.get(plainWord(word)))
}
