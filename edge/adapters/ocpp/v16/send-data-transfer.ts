import { type CommandOf, detailedAnswer } from '../status-answer.ts'
import { textOf } from '../tolerant.ts'
import { type Request, request } from './request.ts'

/** A vendor's own message; its answer may carry data. */
export const sendDataTransfer = ({ vendor, message, data }: CommandOf<'data-transfer'>): Request =>
  request(
    'DataTransfer',
    {
      vendorId: vendor,
      ...(message === null ? {} : { messageId: message }),
      ...(data === null ? {} : { data }),
    },
    detailedAnswer(['Accepted'], (answer) => {
      const text = textOf(answer.data)
      return text === null ? {} : { data: text }
    }),
  )
