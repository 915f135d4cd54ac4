import { describe, expect, test } from 'vitest'
import { checkCycles } from './check-cycles.ts'
import { projectOf } from './project-of.ts'

describe('rings of imports', () => {
  test('a ring is named once, with all its files', () => {
    const found = checkCycles(
      projectOf({
        'edge/domain/a.ts': "import './b.ts'",
        'edge/domain/b.ts': "export * from './c.ts'",
        'edge/domain/c.ts': "import './a.ts'",
      }),
    )
    const ring = 'edge/domain/a.ts -> edge/domain/b.ts -> edge/domain/c.ts -> edge/domain/a.ts'
    expect(found).toEqual([expect.stringContaining(`imports in a ring ${ring}: forbidden because`)])
  })

  test('a ring closed by a type alone is none', () => {
    const project = projectOf({
      'edge/domain/a.ts': "import './b.ts'",
      'edge/domain/b.ts': "import type { A } from './a.ts'",
    })
    expect(checkCycles(project)).toEqual([])
  })
})
