import { type CommandOf, type Request, request, statusAnswer } from './request.ts'

export const cancelReservation = ({ reservation }: CommandOf<'cancel-reservation'>): Request =>
  request('CancelReservation', { reservationId: reservation }, statusAnswer('Accepted'))
