import '@busbar/ui-kit/live/no-generated-code.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { NowPage } from './now/now-page.tsx'
import { createSiteStore } from './site-store.ts'

const place = document.getElementById('page')
if (new URLSearchParams(location.search).get('wall') === '1') document.documentElement.dataset.wall = ''
if (place)
  createRoot(place).render(
    <StrictMode>
      <NowPage store={createSiteStore()} />
    </StrictMode>,
  )
