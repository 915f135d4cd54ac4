import type { SecurityNotice } from '../../station-facts.ts'
import type { Finding, Rule } from '../rule.ts'

type Words = Pick<Finding, 'code' | 'severity' | 'action'>

/** What is made of each notice; one refused connection alone is no work for anybody. */
const WORDS: Readonly<Record<SecurityNotice, Words | null>> = {
  'access-refused': null,
  'access-guessed': {
    code: 'access.guessed',
    severity: 2,
    action: 'Check whether the station was set up with another secret; else find who is at that address.',
  },
  'access-enumerated': {
    code: 'access.enumerated',
    severity: 2,
    action: 'Find who is at that address of the station network and take it off.',
  },
  'identity-duplicate': {
    code: 'identity.duplicate',
    severity: 1,
    action: 'Find both devices; give the real station a new secret.',
  },
  'bad-messages': {
    code: 'station.bad-messages',
    severity: 3,
    action: 'Look into its message log; tell its maker, or take it off the network.',
  },
  'foreign-transaction': {
    code: 'station.foreign-transaction',
    severity: 2,
    action:
      'Look into its message log: it spoke of a transaction that runs elsewhere. Check what the station is.',
  },
}

/** One stands for each kind and station, and one of each kind that is about no station. */
export const intrusion: Rule = ({ intrusions = [] }) =>
  intrusions.flatMap(({ notice, station, text }) => {
    const words = WORDS[notice]
    const subject =
      station === null
        ? { type: 'site' as const, id: 'station-network' }
        : { type: 'station' as const, id: station }
    return words === null ? [] : [{ ...words, subject, text }]
  })
