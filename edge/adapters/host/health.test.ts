import { expect, test } from 'vitest'
import { Health } from './health.ts'

function recorded() {
  const told: string[] = []
  const health = new Health((event) =>
    told.push('raised' in event ? `+ ${event.raised.text}` : `- ${event.cleared.code}`),
  )
  return { health, told }
}

test('a warning is told when it comes and when it goes, not while it stands', () => {
  const { health, told } = recorded()
  health.raise({ code: 'disk', severity: 2, text: 'slow' })
  health.raise({ code: 'disk', severity: 2, text: 'slow' })
  health.clear('disk')
  health.clear('disk')
  expect(told).toEqual(['+ slow', '- disk'])
  expect(health.warnings()).toEqual([])
})

test('a warning that says something new, or is graver, is told again', () => {
  const { health, told } = recorded()
  health.raise({ code: 'disk', severity: 2, text: 'slow' })
  health.raise({ code: 'disk', severity: 2, text: 'full' })
  health.raise({ code: 'disk', severity: 1, text: 'full' })
  expect(told).toEqual(['+ slow', '+ full', '+ full'])
  expect(health.warnings()).toEqual([{ code: 'disk', severity: 1, text: 'full' }])
})

test('the worst stands first', () => {
  const { health } = recorded()
  health.raise({ code: 'a', severity: 3, text: 'a' })
  health.raise({ code: 'b', severity: 1, text: 'b' })
  health.raise({ code: 'c', severity: 2, text: 'c' })
  expect(health.warnings().map(({ code }) => code)).toEqual(['b', 'c', 'a'])
})
