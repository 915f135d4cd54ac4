import '@busbar/ui-kit/live/no-generated-code.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { FleetPage } from './fleet/fleet-page.tsx'
import { createFleetStore } from './fleet-store.ts'

const place = document.getElementById('page')
if (new URLSearchParams(location.search).get('wall') === '1') document.documentElement.dataset.wall = ''
if (place)
  createRoot(place).render(
    <StrictMode>
      <FleetPage store={createFleetStore()} />
    </StrictMode>,
  )
