import { describe, expect, test } from 'vitest'
import { checkSizes, checkTopLevel } from './check-sizes.ts'
import { projectOf } from './project-of.ts'

const lines = (count: number): string => 'void 0\n'.repeat(count)

describe('sizes', () => {
  test('a file over 400 lines is named, one of 400 is not', () => {
    expect(checkSizes(projectOf({ 'edge/main.ts': lines(400) }))).toEqual([])
    expect(checkSizes(projectOf({ 'edge/main.ts': lines(401) }))).toEqual([
      'edge/main.ts: has 401 lines: forbidden because the budget is 400',
    ])
  })

  test.each([
    ['a function', `\nfunction allocate() {\n${lines(59)}}`],
    ['an arrow function', `\nconst allocate = () => {\n${lines(59)}}`],
    ['a method', `class A {\nallocate() {\n${lines(59)}}}`],
  ])('%s over 60 lines is named', (_kind, text) => {
    expect(checkSizes(projectOf({ 'edge/main.ts': text }))).toEqual([
      'edge/main.ts:2: allocate has 61 lines: forbidden because the budget is 60',
    ])
    expect(checkSizes(projectOf({ 'edge/main.ts': text.replace('void 0\n', '') }))).toEqual([])
  })

  test('a group of tests may be longer, a test in it may not', () => {
    const text = `describe('x', () => {\ntest('y', () => {\n${lines(60)}})\n})`
    expect(checkSizes(projectOf({ 'edge/main.test.ts': text }))).toHaveLength(1)
  })

  test('a row of a truth table may have any number of columns', () => {
    const text = "test.each(rows)('%s', (a, b, c, d, e) => {})\ntest('x', (a, b, c, d, e) => {})"
    expect(checkSizes(projectOf({ 'edge/main.test.ts': text }))).toEqual([
      'edge/main.test.ts:2: a function takes 5 parameters: forbidden because the budget is 4',
    ])
  })

  test('a function takes four parameters, a constructor six', () => {
    const text = 'const f = (a, b, c, d) => a\nclass A { constructor(a, b, c, d, e, f) {} }'
    expect(checkSizes(projectOf({ 'edge/main.ts': text }))).toEqual([])
    const wide = text.replaceAll('(a', '(z, a')
    expect(checkSizes(projectOf({ 'edge/main.ts': wide }))).toEqual([
      'edge/main.ts:1: f takes 5 parameters: forbidden because the budget is 4',
      'edge/main.ts:2: constructor takes 7 parameters: forbidden because the budget is 6',
    ])
  })
})

test('an entry at the top level that nobody agreed on is named', () => {
  const entries = ['edge', 'README.md', '.ci', 'vitest.config.ts', 'scripts']
  expect(checkTopLevel(projectOf({}, entries))).toEqual([
    expect.stringContaining('scripts: lies at the top level: forbidden because'),
  ])
})
