import type { ReactNode } from 'react'
import { ToneMark } from './chip.tsx'

interface Page {
  readonly name: string
  readonly href: string
  readonly icon: ReactNode
}

interface ShellProps {
  readonly title: string
  readonly beside?: ReactNode
  readonly simulated?: string | null
  readonly chips?: ReactNode
  readonly page: Page
  readonly stale?: boolean
  readonly banner?: ReactNode
  readonly children: ReactNode
}

const Mark = () => (
  <div className="mark">
    <svg viewBox="0 0 34 34" aria-hidden="true">
      <rect x="2" y="6" width="30" height="5" rx="2.5" fill="var(--copper)" />
      <path d="M8 11v9M17 11v16M26 11v9" stroke="var(--copper)" strokeWidth="3" strokeLinecap="round" />
      <circle cx="8" cy="24" r="3" fill="var(--copper)" />
      <circle cx="17" cy="30" r="3" fill="var(--copper)" />
      <circle cx="26" cy="24" r="3" fill="var(--copper)" />
    </svg>
  </div>
)

/** The frame of every page: name and chips of trust above, pages at the side, the page itself. */
export const Shell = ({
  title,
  beside,
  simulated,
  chips,
  page,
  stale = false,
  banner,
  children,
}: ShellProps) => (
  <div className="shell">
    <div className="shell-grid">
      <header className={stale ? 'shell-header stale' : 'shell-header'}>
        <Mark />
        <div className="shell-title">
          <h1>{title}</h1>
          {simulated ? <span className="simulated">{simulated}</span> : null}
          {beside ? <p>{beside}</p> : null}
        </div>
        {chips ? (
          <ul className="chips" aria-label="State of the connections">
            {chips}
          </ul>
        ) : null}
      </header>
      <nav className="rail" aria-label="Pages">
        <ul>
          <li>
            <a href={page.href} aria-current="page">
              {page.icon}
              {page.name}
            </a>
          </li>
        </ul>
      </nav>
      <main className="shell-main">
        <div role="status" className={banner ? undefined : 'hidden-text'}>
          {banner}
        </div>
        {children}
      </main>
    </div>
  </div>
)

/** One line across the page about the page's own trust. */
export const Banner = ({ children, more }: { children: ReactNode; more?: string | null }) => (
  <p className="banner">
    <ToneMark tone="warn" />
    {children}
    {more ? <span>{more}</span> : null}
  </p>
)
