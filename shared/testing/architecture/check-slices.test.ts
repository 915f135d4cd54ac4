import { describe, expect, test } from 'vitest'
import { checkSlices } from './check-slices.ts'
import { projectOf } from './project-of.ts'

describe('slices of the domain', () => {
  test.each([
    ['site', '../charging/evse.ts'],
    ['charging', '../load-balancing/allocate.ts'],
    ['load-balancing', '../scheduling/demand.ts'],
    ['authorization', '../charging/evse.ts'],
    ['charging', '../authorization/offline-policy.ts'],
    ['charging', '../incidents/incident.ts'],
  ])('%s may not import %s', (slice, specifier) => {
    const path = `edge/domain/${slice}/a.ts`
    const found = checkSlices(projectOf({ [path]: `import '${specifier}'` }))
    expect(found).toEqual([
      expect.stringContaining(`${path}: imports ${specifier}: forbidden because slices`),
    ])
  })

  test('a slice may import leftward, the shared words and itself; ports may import every slice', () => {
    const project = projectOf({
      'edge/domain/load-balancing/a.ts': "import '../site/b.ts'\nimport '../facts.ts'\nimport './c.ts'",
      'edge/domain/ports/a.ts': "import '../incidents/b.ts'",
    })
    expect(checkSlices(project)).toEqual([])
  })

  test('a slice the plan does not know is named', () => {
    const found = checkSlices(projectOf({ 'edge/domain/billing/a.ts': '' }))
    expect(found).toEqual([expect.stringContaining('edge/domain/billing/a.ts: lies in no known slice')])
  })
})
