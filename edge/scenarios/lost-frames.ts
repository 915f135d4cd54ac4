interface Edge {
  readonly framesIn: number
  readonly framesOut: number
}
interface Stations {
  readonly framesSent: number
  readonly framesReceived: number
}

/** Frames that one end has sent and the other will never count. */
export class LostFrames {
  #up = 0
  #down = 0

  /** A new edge counts from 0: what the stations counted before it is nobody's; frames to others are in no count either. */
  countAnew({ framesSent, framesReceived }: Stations, toOthers: boolean): void {
    this.#up = framesSent
    this.#down = toOthers ? Number.POSITIVE_INFINITY : -framesReceived
  }

  /** Whether a frame is on its way. */
  underway(edge: Edge, stations: Stations): boolean {
    return (
      edge.framesIn < stations.framesSent - this.#up || stations.framesReceived < edge.framesOut - this.#down
    )
  }

  /** What has not come until now went with its connection. */
  giveUp(edge: Edge, stations: Stations): void {
    this.#up = stations.framesSent - edge.framesIn
    this.#down = edge.framesOut - stations.framesReceived
  }
}
