import type { DepotView } from '@busbar/contracts/cloud-api/fleet-view.ts'
import { ArrowDown, ArrowUp, Search } from 'lucide-react'
import { useState } from 'react'
import { DepotRow } from './depot-row.tsx'
import { type Filter, passes, rankDepots, type SortKey } from './rank-depots.ts'

interface Column {
  readonly name: string
  readonly key: SortKey | null
  readonly className?: string
}

const COLUMNS: readonly Column[] = [
  { name: 'Depot', key: 'name' },
  { name: 'Link', key: 'link', className: 'col-link' },
  { name: 'Power against limit', key: 'power', className: 'col-power' },
  { name: 'Last hour', key: null, className: 'col-trend' },
  { name: 'Stations up', key: 'stations', className: 'col-stations number' },
  { name: 'Charging', key: 'vehicles', className: 'col-vehicles number' },
  { name: 'Ready', key: 'departures', className: 'col-departures number' },
  { name: 'Problems', key: 'worst', className: 'col-problems' },
]

const FILTERS: readonly { filter: Filter; name: string }[] = [
  { filter: 'all', name: 'All' },
  { filter: 'attention', name: 'Need a look' },
  { filter: 'not-live', name: 'Not live' },
]

interface Sort {
  readonly key: SortKey
  readonly turned: boolean
}

interface HeadProps {
  readonly column: Column
  readonly sort: Sort
  readonly onSort: (key: SortKey) => void
}

function Head({ column, sort, onSort }: HeadProps) {
  const { key } = column
  const Arrow = sort.turned ? ArrowUp : ArrowDown
  const sorted = key === sort.key
  return (
    <th
      className={column.className}
      scope="col"
      aria-sort={sorted ? (sort.turned ? 'ascending' : 'descending') : undefined}
    >
      {key === null ? (
        column.name
      ) : (
        <button type="button" onClick={() => onSort(key)}>
          {column.name}
          {sorted ? <Arrow aria-hidden="true" /> : null}
        </button>
      )}
    </th>
  )
}

interface FiltersProps {
  readonly depots: readonly DepotView[]
  readonly filter: Filter
  readonly text: string
  readonly onFilter: (filter: Filter) => void
  readonly onText: (text: string) => void
}

const Filters = ({ depots, filter, text, onFilter, onText }: FiltersProps) => (
  <div className="filters">
    <h2>Depots</h2>
    <fieldset className="segments">
      <legend className="hidden-text">Show</legend>
      {FILTERS.map((one) => (
        <button
          key={one.filter}
          type="button"
          aria-pressed={filter === one.filter}
          onClick={() => onFilter(one.filter)}
        >
          {one.name} <span>{depots.filter((depot) => passes(depot, one.filter, text)).length}</span>
        </button>
      ))}
    </fieldset>
    <label className="search">
      <Search aria-hidden="true" />
      <span className="hidden-text">Find a depot</span>
      <input
        type="search"
        placeholder="Find a depot"
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
    </label>
  </div>
)

interface DepotTableProps {
  readonly depots: readonly DepotView[]
  readonly onOpen: (id: string) => void
}

/** Every depot in one line each, worst first unless asked otherwise. */
export function DepotTable({ depots, onOpen }: DepotTableProps) {
  const [sort, setSort] = useState<Sort>({ key: 'worst', turned: false })
  const [filter, setFilter] = useState<Filter>('all')
  const [text, setText] = useState('')
  const shown = rankDepots(depots, sort.key, sort.turned).filter((depot) => passes(depot, filter, text))
  const turn = (key: SortKey) => setSort({ key, turned: key === sort.key && !sort.turned })
  return (
    <section className="depots" aria-label="Depots">
      <Filters depots={depots} filter={filter} text={text} onFilter={setFilter} onText={setText} />
      <table className="panel">
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <Head key={column.name} column={column} sort={sort} onSort={turn} />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((depot) => (
            <DepotRow key={depot.id} depot={depot} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
      {shown.length === 0 ? (
        <p className="empty">{depots.length === 0 ? 'No depot has been set up yet.' : 'No depot fits.'}</p>
      ) : null}
    </section>
  )
}
