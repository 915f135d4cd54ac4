/** Something worth counting and logging; one stream feeds both. */
export type Observation =
  | { readonly kind: 'committed'; readonly depot: string; readonly added: number; readonly seq: number }
  | {
      readonly kind: 'duplicate' | 'parked' | 'gap' | 'dropped'
      readonly depot: string
      readonly detail: string
    }
  | { readonly kind: 'conflict'; readonly depot: string; readonly detail: string }
  | { readonly kind: 'quarantined'; readonly depot: string; readonly detail: string }
  | { readonly kind: 'bad-message'; readonly depot: string; readonly detail: string }
  | { readonly kind: 'epoch'; readonly depot: string; readonly detail: string }
  | { readonly kind: 'store-unavailable'; readonly depot: string; readonly detail: string }
  | { readonly kind: 'denied'; readonly depot: string; readonly detail: string }
  | { readonly kind: 'connected' | 'disconnected'; readonly depot: string; readonly detail: string }

export type Observe = (observation: Observation) => void
