export type { Clock, Timer } from '@busbar/model/clock.ts'
