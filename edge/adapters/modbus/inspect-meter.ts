import type { Clock } from '@busbar/model/clock.ts'
import type { DecodedPoint, MeterInspection } from '../../domain/site/trust/inspection.ts'
import { type MeterProfile, pointsOf, spanOf } from '../../profiles/meter-profile.ts'
import { decodeScan, type PointValues, type ReadBlock } from './decode-scan.ts'
import { identityChecks } from './identity.ts'
import type { MeterSource } from './meter-source.ts'
import type { ModbusUnit } from './modbus-unit.ts'
import { covers, planReads } from './plan-reads.ts'
import { movedBy } from './site-profile.ts'

/** What a meter is inspected by: its last scan, and the line for what that does not tell. */
export interface InspectionMeans {
  readonly source: MeterSource
  readonly unit: Pick<ModbusUnit, 'read'>
  readonly clock: Clock
  /** The profile as it lies in the device, and what was read by it. */
  readonly profile: MeterProfile
  readonly blocks: readonly ReadBlock[]
  readonly serial: string | undefined
  readonly replyP99Ms: number | undefined
}

const DEADLINE_MS = { tcp: 1000, 'rtu-tcp': 500, rtu: 500 } as const

/** What the device says of itself and holds. Reads again only where the profile's offset is in doubt. */
export async function inspectMeter(means: InspectionMeans): Promise<MeterInspection> {
  const { source, clock, profile, blocks, serial, replyP99Ms } = means
  return {
    meter: source.id,
    at: clock.now(),
    identityAsked: profile.sunspec !== undefined || identityChecks(profile, source).length > 0,
    serial: serial ?? null,
    offset: offsetOf(source),
    offsets: await triedOffsets(means),
    raw: blocks.map(({ functionCode, addr, words }) => ({ functionCode, addr, words })),
    decoded: decodedOf(profile, blocks),
    replyP99Ms: replyP99Ms ?? null,
    deadlineMs: source.deadline ?? profile.limits.deadlineMs ?? DEADLINE_MS[source.endpoint.kind],
  }
}

const offsetOf = ({ profile, override }: MeterSource): number =>
  override?.addressOffset ?? profile.addressOffset?.default ?? 0

/** Every point that was read, with its words. */
function decodedOf(profile: MeterProfile, blocks: readonly ReadBlock[]): readonly DecodedPoint[] {
  const values = decodeScan(profile, blocks)
  return pointsOf(profile).flatMap((point) => {
    const block = blocks.find((candidate) => covers(candidate, spanOf(point)))
    if (block === undefined) return []
    const start = point.addr - block.addr
    return [
      {
        name: point.name,
        addr: point.addr,
        words: block.words.slice(start, start + point.words),
        value: values[point.name] ?? null,
        unit: profile.points[point.name]?.unit ?? '',
      },
    ]
  })
}

/** Each offset that sources name, and whether voltage and frequency are a supply's there. */
async function triedOffsets(means: InspectionMeans): Promise<MeterInspection['offsets']> {
  const { source, unit, profile } = means
  const candidates = source.profile.addressOffset?.candidates ?? []
  const tried: { offset: number; passes: boolean }[] = []
  for (const offset of candidates) {
    const there = movedBy(profile, offset - offsetOf(source))
    const spans = pointsOf(there)
      .filter(({ name }) => name === 'f' || name.startsWith('u_'))
      .map(spanOf)
    const blocks: ReadBlock[] = []
    for (const block of planReads(spans, profile.limits.maxRead ?? 60)) {
      const reply = await unit.read(block)
      if (!('failed' in reply)) blocks.push({ ...block, ...reply })
    }
    tried.push({ offset, passes: isSupply(decodeScan(there, blocks), source) })
  }
  return tried
}

/** @see metering.md 6.2 */
function isSupply(values: PointValues, { plausible: { nominalV } }: MeterSource): boolean {
  const { f, u_l1, u_l2, u_l3 } = values
  const energised = [u_l1, u_l2, u_l3].filter((volts) => volts !== undefined && volts > 0.1 * nominalV)
  const within = energised.every((volts = 0) => volts >= 0.8 * nominalV && volts <= 1.2 * nominalV)
  return energised.length > 0 && within && (f === undefined || (f >= 45 && f <= 65))
}
