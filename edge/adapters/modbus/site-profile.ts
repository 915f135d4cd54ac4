import type { MeterPoint, MeterProfile, PointName } from '../../profiles/meter-profile.ts'
import type { MeterSource } from './meter-source.ts'

/** The profile as it holds for one meter: the site's word order, offset, scales and transformer ratios are in it. */
export function siteProfile({
  profile,
  override = {},
}: Pick<MeterSource, 'profile' | 'override'>): MeterProfile {
  const { wordOrder, scale, ctRatio = 1, vtRatio = 1 } = override
  const ratio = (name: string): number =>
    name.startsWith('pf') || name === 'f'
      ? 1
      : name.startsWith('u')
        ? vtRatio
        : name.startsWith('i')
          ? ctRatio
          : ctRatio * vtRatio
  const points = mapped(profile.points, (point, name) => ({
    ...point,
    scale: (scale?.[name] ?? point.scale) * ratio(name),
    ...(wordOrder && { wordOrder }),
  }))
  const offset = override.addressOffset ?? profile.addressOffset?.default ?? 0
  return movedBy({ ...profile, points, ...(wordOrder && { wordOrder }) }, offset)
}

/** The same map, further up by so many registers. */
export function movedBy(profile: MeterProfile, offset: number): MeterProfile {
  if (offset === 0) return profile
  const moved = <T extends { readonly addr: number }>(entry: T): T => ({
    ...entry,
    addr: entry.addr + offset,
  })
  const factors = Object.entries(profile.scaleFactors ?? {}).map(
    ([name, factor]) => [name, moved(factor)] as const,
  )
  return {
    ...profile,
    points: mapped(profile.points, moved),
    identity: profile.identity.map(moved),
    ...(profile.scaleFactors && { scaleFactors: Object.fromEntries(factors) }),
  }
}

type Points = MeterProfile['points']

function mapped(points: Points, change: (point: MeterPoint, name: PointName) => MeterPoint): Points {
  const changed: Points = {}
  for (const name of Object.keys(points) as PointName[]) {
    const point = points[name]
    if (point) changed[name] = change(point, name)
  }
  return changed
}
