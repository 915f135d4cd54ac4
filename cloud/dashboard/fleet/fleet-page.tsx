import type { FleetView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { Chip, type Tone } from '@busbar/ui-kit/components/chip.tsx'
import { Banner, Shell } from '@busbar/ui-kit/components/shell.tsx'
import { depotTime } from '@busbar/ui-kit/depot-time.ts'
import { count } from '@busbar/ui-kit/format.ts'
import type { LiveStore } from '@busbar/ui-kit/live/live-store.ts'
import { NowContext } from '@busbar/ui-kit/live/now.ts'
import { useLive } from '@busbar/ui-kit/live/use-live.ts'
import { House } from 'lucide-react'
import { useState } from 'react'
import { DepotPanel } from './depot-panel.tsx'
import { DepotSheet } from './depot-sheet.tsx'
import { DepotTable } from './depot-table.tsx'
import { KpiTiles } from './kpi-tiles.tsx'

const PAGE = { name: 'Fleet', href: '/', icon: <House aria-hidden="true" /> }
/** Up to this many depots are shown at length below the table. */
const FEW = 3
const READER = depotTime(Intl.DateTimeFormat().resolvedOptions().timeZone)
const MISFIT = 'The fleet cloud answers in a form this page does not know; reload the page.'

const LINKS: readonly { state: FleetView['depots'][number]['link']['state']; tone: Tone; word: string }[] = [
  { state: 'live', tone: 'ok', word: 'live' },
  { state: 'delayed', tone: 'warn', word: 'delayed' },
  { state: 'offline', tone: 'none', word: 'offline' },
  { state: 'never', tone: 'none', word: 'not heard yet' },
]

const LinkChips = ({ depots }: Pick<FleetView, 'depots'>) =>
  LINKS.map(({ state, tone, word }) => {
    const n = depots.filter(({ link }) => link.state === state).length
    return n === 0 && state !== 'live' ? null : (
      <Chip key={state} tone={n === 0 ? 'none' : tone}>
        {n} {word}
      </Chip>
    )
  })

function simulated(depots: FleetView['depots']): string | null {
  const virtual = depots.filter((depot) => depot.virtual).length
  return virtual === 0 ? null : count(virtual, 'simulated depot')
}

interface FleetProps {
  readonly view: FleetView
  readonly lost: boolean
  readonly misfit: string | null
}

function Fleet({ view, lost, misfit }: FleetProps) {
  const [open, setOpen] = useState<string | null>(null)
  const depot = view.depots.find(({ id }) => id === open)
  return (
    <Shell
      title="Fleet"
      beside={`${view.fleet.name} · ${count(view.depots.length, 'depot')}`}
      simulated={simulated(view.depots)}
      chips={<LinkChips depots={view.depots} />}
      page={PAGE}
      stale={lost}
      banner={
        lost ? (
          <Banner more={misfit && `${MISFIT} ${misfit}`}>
            Live connection lost; values from {READER.seconds(view.at)}
          </Banner>
        ) : null
      }
    >
      <div className={lost ? 'fleet stale' : 'fleet'}>
        <KpiTiles view={view} />
        <DepotTable depots={view.depots} onOpen={setOpen} />
        {view.depots.length <= FEW ? view.depots.map((one) => <DepotPanel key={one.id} depot={one} />) : null}
      </div>
      {depot ? <DepotSheet depot={depot} stale={lost} onClose={() => setOpen(null)} /> : null}
    </Shell>
  )
}

/** Every depot of the fleet, live. */
export function FleetPage({ store }: { store: LiveStore<FleetView> }) {
  const { view, link, misfit } = useLive(store)
  if (view === null)
    return (
      <Shell title="Fleet" page={PAGE}>
        <p className="panel waiting-panel" role="status">
          {misfit
            ? `${MISFIT} ${misfit}`
            : link === 'lost'
              ? 'The fleet cloud does not answer. Trying again.'
              : 'Asking the fleet cloud.'}
        </p>
      </Shell>
    )
  return (
    <NowContext value={store.now}>
      <Fleet view={view} lost={link === 'lost'} misfit={misfit} />
    </NowContext>
  )
}
