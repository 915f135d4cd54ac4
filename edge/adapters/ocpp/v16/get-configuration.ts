import type { StationAnswer, StationCommand, StationVariable } from '../../../domain/commands.ts'
import type { Payload } from '../rpc/frame.ts'
import { objectsOf, plainWord, textOf } from '../tolerant.ts'
import { type Request, request } from './request.ts'

/** Some stations show their key in clear; it goes no further than here. */
const SECRET = new Set(['authorizationkey', 'basicauthpassword'])

export const getVariables = ({ names }: Extract<StationCommand, { kind: 'get-variables' }>): Request =>
  request('GetConfiguration', names === 'all' ? {} : { key: names }, readAnswer)

function readAnswer(answer: Payload): StationAnswer {
  const unknown = Array.isArray(answer.unknownKey) ? answer.unknownKey : [answer.unknownKey]
  return {
    status: 'accepted',
    variables: objectsOf(answer.configurationKey).flatMap(variable),
    unknown: unknown.map(textOf).filter((name) => name !== null),
  }
}

function variable({ key, value, readonly }: Payload): StationVariable[] {
  const name = textOf(key)
  if (name === null) return []
  const text = SECRET.has(plainWord(name)) ? null : textOf(value)
  return [{ name, value: text, readonly: textOf(readonly)?.toLowerCase() === 'true' }]
}
