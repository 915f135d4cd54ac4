import { type CommandOf, statusAnswer } from '../status-answer.ts'
import { type Request, request } from './request.ts'

export const cancelReservation = ({ reservation }: CommandOf<'cancel-reservation'>): Request =>
  request('CancelReservation', { reservationId: reservation }, statusAnswer('Accepted'))
