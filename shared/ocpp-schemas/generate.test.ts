import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generate } from './generate.ts'

test('the schemas and types are what the generator writes, so nobody has edited them', () => {
  for (const [name, text] of Object.entries(generate()))
    expect(readFileSync(new URL(name, import.meta.url), 'utf8'), name).toBe(text)
})
