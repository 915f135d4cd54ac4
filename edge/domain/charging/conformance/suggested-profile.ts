import { toIso } from '@busbar/units/time.ts'
import type { ConformanceResult } from './conformance-results.ts'

/** A station profile as a file has it, plain JSON in the order of its fields. @see firmware-profiles/STYLE.md */
export type SuggestedProfile = Readonly<Record<string, unknown>>

/**
 * The findings as a station profile that an engineer may review and keep.
 * @param source where the result can be read, an address
 */
export function suggestedProfile(result: ConformanceResult, source: string): SuggestedProfile {
  const { vendor, model, firmware, protocol, capabilities, quirks, by, at, run } = result
  // A dotted number is the version; digits without a dot may be anything else.
  const pattern = /\d\.\d/.test(firmware ?? '') ? '(\\d+(?:\\.\\d+)+)' : '(\\d+)'
  const version = new RegExp(pattern).exec(firmware ?? '')?.[1]
  return {
    id: idOf(`${vendor ?? ''} ${model ?? ''}`),
    match: [
      {
        vendor: vendor ?? '',
        model: model ?? '',
        ...(version === undefined ? {} : { firmware: { min: version, max: version } }),
      },
    ],
    ...(version === undefined ? {} : { firmware: { pattern, bad: [] } }),
    evidence: { who: by, date: toIso(at).slice(0, 10), document: `conformance run ${run}`, tier: 'field' },
    protocols: [protocol ?? 'ocpp1.6'],
    capabilities,
    quirks: quirks.map(({ key, value, reason }) => ({
      ...{ key, value, reason },
      sources: [source],
      confidence: 'medium',
    })),
    settings: [],
    commissioning: [],
    fixture: null,
  }
}

const idOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '') || 'unnamed'
