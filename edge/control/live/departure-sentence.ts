/** What is known of a vehicle that is to leave. */
interface Leaving {
  readonly connected: boolean
  readonly soc: number | null
  /** The state of charge is worked out, not told. */
  readonly estimated: boolean
  readonly needed: number | null
  /** What has been delivered of an energy need; null when the need is a state of charge. */
  readonly energy: string | null
  readonly state: string
  readonly ready: string | null
  /** When it was last heard of; null for just now. */
  readonly when: string | null
}

/** "61 % now, 90 % needed, ready 03:36 at this pace"; what is old bears its time, what is worked out says so. */
export function departureSentence(of: Leaving): string {
  if (!of.connected) return 'Not connected'
  const about = of.estimated ? 'about ' : ''
  const charge =
    of.soc === null ? 'State of charge unknown' : `${about}${Math.round(of.soc)} % ${of.when ?? 'now'}`
  const energy = of.energy === null || of.when === null ? of.energy : `${of.energy} ${of.when}`
  const target = of.needed === null ? '' : `, ${Math.round(of.needed)} % needed`
  const text = `${energy ?? charge}${target}`
  const known = text.charAt(0).toUpperCase() + text.slice(1)
  if (of.state === 'ready') return `${known}; ready`
  return of.ready === null ? known : `${known}, ready ${of.ready} at this pace`
}
