import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { expect, test } from 'vitest'

test('S23 no page takes what a station says for markup: all of it goes through the encoding of React', async () => {
  const marked: string[] = []
  for (const folder of ['edge/lan-ui', 'shared/ui-kit', 'cloud/dashboard'])
    for await (const file of glob(`${folder}/**/*.{ts,tsx}`, { cwd: new URL('../../..', import.meta.url) })) {
      if (file.includes('node_modules') || file.includes('/dist/') || file.includes('.test.')) continue
      const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
      if (/dangerouslySetInnerHTML|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write/.test(text))
        marked.push(file)
    }
  expect(marked).toEqual([])
})
