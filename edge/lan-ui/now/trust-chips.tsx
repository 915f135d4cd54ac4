import type { CloudLinkView, PowerView, SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import { Age } from '@busbar/ui-kit/components/age.tsx'
import { Chip, type Tone } from '@busbar/ui-kit/components/chip.tsx'
import type { DepotTime } from '@busbar/ui-kit/depot-time.ts'
import { count } from '@busbar/ui-kit/format.ts'

const METER: Record<PowerView['quality'], { tone: Tone; word: string }> = {
  live: { tone: 'ok', word: '' },
  hold: { tone: 'warn', word: 'late, ' },
  reserve: { tone: 'bad', word: 'not trusted, ' },
  static: { tone: 'none', word: 'none' },
}

/** A younger value comes from a meter that speaks, whatever is held against it, ms. */
const SILENT_MS = 10_000

const wordOf = ({ quality, age_ms }: PowerView): string =>
  quality === 'reserve' && (age_ms ?? Number.POSITIVE_INFINITY) >= SILENT_MS
    ? 'silent, '
    : METER[quality].word

const CLOUD: Record<CloudLinkView['state'], { tone: Tone; word: string }> = {
  none: { tone: 'none', word: 'not used' },
  connecting: { tone: 'warn', word: 'connecting' },
  live: { tone: 'ok', word: 'live' },
  unacknowledged: { tone: 'warn', word: 'not confirming' },
  refused: { tone: 'bad', word: 'refused' },
  offline: { tone: 'warn', word: 'offline' },
}

const CLOCK: Record<SiteView['clock']['quality'], Tone> = { synced: 'ok', estimated: 'warn', unsynced: 'bad' }

function CloudChip({ cloud, times, now }: { cloud: CloudLinkView; times: DepotTime; now: number }) {
  const { tone, word } = CLOUD[cloud.state]
  const whole = cloud.state === 'live' || cloud.state === 'none'
  const oldest = cloud.oldest_unsent_at ? `, oldest ${times.near(cloud.oldest_unsent_at, now)}` : ''
  return (
    <Chip tone={tone} label="Cloud" title={cloud.reason ?? undefined}>
      {word}
      {whole ? '' : ` since ${times.near(cloud.since, now)}`}
      {!whole && cloud.unsent > 0 ? `, ${count(cloud.unsent, 'fact')} unsent${oldest}` : ''}
    </Chip>
  )
}

/** What the numbers of the page rest on: meter, cloud, stations, clock. */
export function TrustChips({ view, times }: { view: SiteView; times: DepotTime }) {
  const { power, stations, cloud, clock } = view
  const reason = view.meters.find(({ role }) => role === 'grid')?.reason
  const all = stations.online === stations.total
  return (
    <>
      <Chip tone={METER[power.quality].tone} label="Site meter" title={reason ?? undefined}>
        {wordOf(power)}
        {power.quality === 'static' ? '' : <Age at={power.measured_at} />}
      </Chip>
      <CloudChip cloud={cloud} times={times} now={Date.parse(view.at)} />
      <Chip tone={stations.total === 0 ? 'none' : all ? 'ok' : 'warn'} label="Stations">
        {stations.online} of {stations.total} online
      </Chip>
      <Chip tone={CLOCK[clock.quality]} label="Clock">
        {clock.quality}
        {clock.scale === 1 ? '' : `, ${clock.scale}×`}
      </Chip>
    </>
  )
}
