import type { Rule } from '../rule.ts'

export const vehicleAsleep: Rule = ({ asleep = [] }) =>
  asleep.map(({ evse, label, vehicle }) => ({
    code: 'vehicle.asleep',
    severity: 2,
    subject: { type: 'evse', id: evse },
    text: `${vehicle ?? 'The vehicle'} at ${label} takes nothing since it was paused, and did not wake`,
    action: 'Unlock the vehicle or plug it in again.',
  }))
