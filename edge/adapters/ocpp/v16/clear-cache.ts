import { statusAnswer } from '../status-answer.ts'
import { type Request, request } from './request.ts'

export const clearCache = (): Request => request('ClearCache', {}, statusAnswer('Accepted'))
