import { type Request, request, statusAnswer } from './request.ts'

export const clearCache = (): Request => request('ClearCache', {}, statusAnswer('Accepted'))
