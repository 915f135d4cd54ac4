import type { StartupStepView } from '@busbar/contracts/lan-api/site-view.ts'
import { StateMark } from '@busbar/ui-kit/components/state-mark.tsx'

/** The steps from start to charging; gone once all have passed. */
export function StartupSteps({ steps }: { steps: readonly StartupStepView[] }) {
  if (steps.every(({ done }) => done)) return null
  return (
    <section className="panel startup" aria-labelledby="starting">
      <h2 id="starting">Starting: no limit rises until each step has passed</h2>
      <ol>
        {steps.map(({ step, name, done, reason }) => (
          <li key={step}>
            <StateMark state={done ? 'ready' : 'waiting'} word={false} />
            <b>{name}</b>
            <small>{reason}</small>
          </li>
        ))}
      </ol>
    </section>
  )
}
