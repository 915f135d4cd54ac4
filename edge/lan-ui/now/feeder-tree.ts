import type { CircuitView, EvseView, SiteView } from '@busbar/contracts/lan-api/site-view.ts'

/** A circuit with the EVSEs that hang directly from it. */
export interface Branch {
  readonly circuit: CircuitView
  readonly evses: readonly EvseView[]
}

/** A feeder, and the circuits below it that have EVSEs of their own. */
export interface FeederBranch extends Branch {
  readonly below: readonly Branch[]
}

const byLabel = (a: EvseView, b: EvseView): number => a.label.localeCompare(b.label, 'en', { numeric: true })

/**
 * The single-line diagram: feeders in the order of the site file, then the main board if EVSEs hang from it directly.
 * An EVSE of an unknown circuit hangs from the first circuit without a parent, so that none is left out.
 */
export function feederTree({ circuits, evses }: Pick<SiteView, 'circuits' | 'evses'>): FeederBranch[] {
  const known = new Map(circuits.map((circuit) => [circuit.id, circuit]))
  const main = circuits.find(({ kind }) => kind === 'grid') ?? circuits[0]
  const direct = (circuit: CircuitView): EvseView[] =>
    evses.filter((evse) => (known.get(evse.circuit) ?? main) === circuit).sort(byLabel)
  const feederOf = (circuit: CircuitView): CircuitView | undefined => climb(circuit, known)
  const tops = circuits.filter(
    (circuit) => circuit.kind === 'feeder' || (circuit === main && direct(circuit).length > 0),
  )
  return tops
    .sort((a, b) => Number(a === main) - Number(b === main))
    .map((circuit) => ({
      circuit,
      evses: direct(circuit),
      below: circuits
        .filter(
          (other) => other !== circuit && other.kind === 'circuit' && (feederOf(other) ?? main) === circuit,
        )
        .map((other) => ({ circuit: other, evses: direct(other) }))
        .filter((branch) => branch.evses.length > 0),
    }))
}

function climb(circuit: CircuitView, known: ReadonlyMap<string, CircuitView>): CircuitView | undefined {
  const seen = new Set<CircuitView>()
  let at: CircuitView | undefined = circuit
  while (at && at.kind !== 'feeder' && !seen.has(at)) {
    seen.add(at)
    at = at.parent === null ? undefined : known.get(at.parent)
  }
  return at?.kind === 'feeder' ? at : undefined
}
