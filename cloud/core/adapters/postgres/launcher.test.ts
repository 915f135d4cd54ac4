import { userInfo } from 'node:os'
import { expect, test } from 'vitest'
import { findLauncher, run } from './launcher.ts'

test('PostgreSQL runs under a name that every machine knows', async () => {
  const { uid, username } = userInfo()
  const launcher = await findLauncher('id')
  if (!launcher) throw new Error('no way to start a program as an unprivileged user')
  expect(await run(launcher, ['id', '-un'])).toEqual({
    code: 0,
    output: `${uid === 0 ? 'nobody' : username}\n`,
  })
})
