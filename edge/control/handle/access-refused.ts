import type { InputOf, Submitted } from '../../domain/inputs.ts'
import type { Depot } from '../depot.ts'

/** Kept for whoever looks into it later; nothing follows from it here. */
export function accessRefused(
  depot: Depot,
  { role, needed, request, by }: InputOf<'access-refused'>,
): Submitted<'access-refused'> {
  const subject = { type: 'controller', id: 'lan' } as const
  const fact = depot.recorder.fact('AccessRefused', subject, { by, role, needed, request })
  return { outcome: undefined, durable: depot.recorder.record([fact]) }
}
