import type { SiteView } from '@busbar/contracts/lan-api/site-view.ts'
import { At } from '@busbar/ui-kit/components/age.tsx'
import { Banner, Shell } from '@busbar/ui-kit/components/shell.tsx'
import { depotTime } from '@busbar/ui-kit/depot-time.ts'
import type { LiveStore } from '@busbar/ui-kit/live/live-store.ts'
import { NowContext } from '@busbar/ui-kit/live/now.ts'
import { useLive } from '@busbar/ui-kit/live/use-live.ts'
import { Gauge } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Aside } from './aside.tsx'
import { CircuitSheet } from './circuit-sheet.tsx'
import { Hero } from './hero.tsx'
import { StartupSteps } from './startup-steps.tsx'
import { StationSheet } from './station-sheet.tsx'
import { Tree } from './tree.tsx'
import { TrustChips } from './trust-chips.tsx'

const PAGE = { name: 'Now', href: '/', icon: <Gauge aria-hidden="true" /> }

function Waiting({ lost, misfit }: { lost: boolean; misfit: string | null }) {
  return (
    <Shell title="Busbar" page={PAGE}>
      <p className="panel waiting-panel" role="status">
        {misfit
          ? `The depot answers in a form this page does not know. ${misfit}`
          : lost
            ? 'The depot’s controller does not answer. Trying again.'
            : 'Asking the depot’s controller.'}
      </p>
    </Shell>
  )
}

interface DepotProps {
  readonly view: SiteView
  readonly lost: boolean
  readonly misfit: string | null
}

function Depot({ view, lost, misfit }: DepotProps) {
  const [open, setOpen] = useState<string | null>(null)
  const [openCircuit, setOpenCircuit] = useState<string | null>(null)
  const times = depotTime(view.depot.time_zone)
  const evse = view.evses.find(({ station, evse }) => `${station}/${evse}` === open)
  const circuit = view.circuits.find(({ id }) => id === openCircuit)
  useEffect(() => {
    document.title = `${view.depot.name} · Busbar`
  }, [view.depot.name])
  const banner = lost ? (
    <Banner
      more={misfit && `The depot answers in a form this page does not know; reload the page. ${misfit}`}
    >
      Live connection lost; values from {times.seconds(view.at)}
    </Banner>
  ) : null
  return (
    <Shell
      title={view.depot.name}
      beside={<At at={view.at} times={times} form="day" />}
      simulated={view.depot.virtual ? 'Simulated depot' : null}
      chips={<TrustChips view={view} times={times} />}
      page={PAGE}
      stale={lost}
      banner={banner}
    >
      <div className={lost ? 'now stale' : 'now'}>
        <StartupSteps steps={view.startup} />
        <Hero view={view} times={times} lost={lost} />
        <Aside view={view} times={times} />
        <Tree view={view} times={times} onOpen={setOpen} onOpenCircuit={setOpenCircuit} />
      </div>
      {evse ? (
        <StationSheet evse={evse} view={view} times={times} stale={lost} onClose={() => setOpen(null)} />
      ) : null}
      {circuit ? (
        <CircuitSheet circuit={circuit} times={times} stale={lost} onClose={() => setOpenCircuit(null)} />
      ) : null}
    </Shell>
  )
}

/** The depot as it is now: its single-line diagram, live. */
export function NowPage({ store }: { store: LiveStore<SiteView> }) {
  const { view, link, misfit } = useLive(store)
  if (view === null) return <Waiting lost={link === 'lost'} misfit={misfit} />
  return (
    <NowContext value={store.now}>
      <Depot view={view} lost={link === 'lost'} misfit={misfit} />
    </NowContext>
  )
}
