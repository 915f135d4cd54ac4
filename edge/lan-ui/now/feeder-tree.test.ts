import type { CircuitView, EvseView } from '@busbar/contracts/lan-api/site-view.ts'
import { expect, test } from 'vitest'
import { exampleSite } from '../example-site.ts'
import { type FeederBranch, feederTree } from './feeder-tree.ts'

const { circuits, evses } = exampleSite()
const [main, feeder] = circuits
const [evse] = evses
if (!main || !feeder || !evse) throw new RangeError('the example has circuits and EVSEs')

const circuit = (id: string, kind: CircuitView['kind'], parent: string | null): CircuitView => ({
  ...feeder,
  id,
  kind,
  parent,
})
const at = (label: string, on: string): EvseView => ({ ...evse, label, circuit: on })
const outline = (tree: FeederBranch[]): string[] =>
  tree.map(({ circuit: { id }, evses, below }) =>
    [
      id,
      ...evses.map(({ label }) => label),
      ...below.map((one) => `${one.circuit.id}(${one.evses.map(({ label }) => label)})`),
    ].join(' '),
  )

test('feeders stand in the order of the site, their EVSEs in the order of their names', () => {
  const tree = feederTree({
    circuits: [main, circuit('F2', 'feeder', 'MAIN'), circuit('F1', 'feeder', 'MAIN')],
    evses: [at('A-10', 'F2'), at('A-2', 'F2'), at('B-1', 'F1')],
  })
  expect(outline(tree)).toEqual(['F2 A-2 A-10', 'F1 B-1'])
})

test('circuits below a feeder hang from it, however deep; empty ones are left out', () => {
  const tree = feederTree({
    circuits: [
      main,
      circuit('F1', 'feeder', 'MAIN'),
      circuit('C1', 'circuit', 'F1'),
      circuit('C2', 'circuit', 'C1'),
    ],
    evses: [at('A-1', 'F1'), at('A-2', 'C2')],
  })
  expect(outline(tree)).toEqual(['F1 A-1 C2(A-2)'])
})

test('EVSEs on the main board, or on a circuit that is not known, are shown last, under the main board', () => {
  const tree = feederTree({
    circuits: [main, circuit('F1', 'feeder', 'MAIN')],
    evses: [at('X-1', 'MAIN'), at('X-2', 'nowhere'), at('A-1', 'F1')],
  })
  expect(outline(tree)).toEqual(['F1 A-1', 'MAIN X-1 X-2'])
})

test('a circuit that names itself as its parent does not hang the page', () => {
  const tree = feederTree({
    circuits: [main, circuit('C1', 'circuit', 'C1')],
    evses: [at('A-1', 'C1'), at('A-2', 'MAIN')],
  })
  expect(outline(tree)).toEqual(['MAIN A-2 C1(A-1)'])
})

test('a site without circuits has no feeders', () => {
  expect(feederTree({ circuits: [], evses: [at('A-1', 'F1')] })).toEqual([])
})
