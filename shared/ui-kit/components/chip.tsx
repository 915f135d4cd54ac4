import type { ReactNode } from 'react'

/** How far a fact can be trusted: as expected, needs a look, wrong, or neither good nor bad. */
export type Tone = 'ok' | 'warn' | 'bad' | 'none'

const SHAPES: Record<Tone, ReactNode> = {
  ok: <circle cx="5" cy="5" r="4.5" />,
  warn: <path d="M5 0 10 5 5 10 0 5Z" />,
  bad: <path d="M5 0.5 10 9.5H0Z" />,
  none: (
    <rect
      x="1.2"
      y="1.2"
      width="7.6"
      height="7.6"
      rx="1"
      fill="none"
      stroke="var(--muted)"
      strokeDasharray="2 1.4"
      strokeWidth="1.8"
    />
  ),
}

/** The shape of a tone. Decoration: the words beside it say the same. */
export const ToneMark = ({ tone }: { tone: Tone }) => (
  <svg className={`tone tone-${tone}`} viewBox="0 0 10 10" aria-hidden="true">
    {SHAPES[tone]}
  </svg>
)

interface ChipProps {
  readonly tone: Tone
  readonly label?: string
  readonly children: ReactNode
  readonly title?: string | undefined
}

/** One fact of trust in the header: a mark, what it is about, its value. */
export const Chip = ({ tone, label, children, title }: ChipProps) => (
  <li className="chip" title={title}>
    <ToneMark tone={tone} />
    <span>
      {label ? `${label} ` : null}
      <b>{children}</b>
    </span>
  </li>
)
