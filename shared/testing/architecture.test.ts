import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkCycles } from './architecture/check-cycles.ts'
import { checkImports } from './architecture/check-imports.ts'
import { checkNames } from './architecture/check-names.ts'
import { checkPackages } from './architecture/check-packages.ts'
import { checkSizes, checkTopLevel } from './architecture/check-sizes.ts'
import { checkSlices } from './architecture/check-slices.ts'
import { readProject } from './architecture/project.ts'
import { importsOf } from './architecture/violations.ts'

describe('the code keeps to architecture.json', () => {
  const project = readProject(fileURLToPath(new URL('../..', import.meta.url)))

  test('the check has really read the code', () => {
    const resolved = importsOf(project).filter(({ target }) => 'file' in target)
    expect(project.files.length).toBeGreaterThan(20)
    expect(resolved.length).toBeGreaterThan(20)
  })

  test.each([
    ['every import between folders is allowed', checkImports],
    ['the slices of the domain import leftward only', checkSlices],
    ['no files import each other in a ring', checkCycles],
    ['every package a workspace uses stands in its package.json', checkPackages],
    ['clocks, settings, SQL and native modules stay where they belong', checkNames],
    ['no file, function or parameter list is over its budget', checkSizes],
    ['the top level holds the agreed entries and nothing else', checkTopLevel],
  ])('%s', (_sentence, check) => {
    expect(check(project).join('\n')).toBe('')
  })
})
