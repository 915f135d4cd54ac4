/** What the transport has done and is doing, over all stations. */
export interface Tally {
  /** Text frames received and sent. */
  framesIn: number
  framesOut: number
  /** Messages of stations waiting or being handled. */
  working: number
}

export const newTally = (): Tally => ({ framesIn: 0, framesOut: 0, working: 0 })
