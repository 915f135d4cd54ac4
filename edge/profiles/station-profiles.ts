import { amps, watts } from '@busbar/units/electricity.ts'
import type { MatchedProfile, QuirkInForce } from '../domain/charging/matched-profile.ts'
import type { StationCapabilities } from '../domain/inputs.ts'
import { withQuirks } from './quirk-capabilities.ts'
import type { QuirkValues } from './quirk-values.ts'
import type { StationProfileFile } from './station-profile.ts'
import { compareVersions, inRange } from './versions.ts'

/** What a station says of itself. */
export interface StationIdentity {
  readonly identity: string
  readonly vendor: string
  readonly model: string
  readonly firmware: string | null
  /** The profile that the configuration gives it, whatever it says of itself. */
  readonly assigned?: string | null
}

/** A profile in use: its file and what the domain sees of it. */
export interface StationProfile {
  readonly id: string
  readonly file: StationProfileFile
  readonly capabilities: StationCapabilities
}

/** The profile of a station and what to say about its firmware. */
export interface Resolved {
  readonly profile: StationProfile
  readonly warnings: readonly string[]
  /** The quirks of its firmware. */
  readonly quirks: QuirkValues
  /** The same for people. */
  readonly matched: MatchedProfile
}

export interface StationProfiles {
  readonly all: readonly StationProfile[]
  /** The most specific profile that fits; the generic one for a model nobody has described. */
  resolve(station: StationIdentity): Resolved
}

export const GENERIC = 'generic'

type Match = StationProfileFile['match'][number]

/** `profiles` are free of ties, and one of them is the generic one. */
export function stationProfiles(
  files: readonly StationProfileFile[],
  generic: StationProfileFile,
): StationProfiles {
  const all = files.map((file) => ({ id: file.id, file, capabilities: capabilitiesOf(file) }))
  const fallback = { id: generic.id, file: generic, capabilities: capabilitiesOf(generic) }
  return {
    all,
    resolve(station) {
      const assigned = all.find(({ id }) => id === station.assigned)
      if (assigned) return resolved(assigned, 'configuration', station)
      const best = all
        .map((profile) => ({ profile, match: bestFit(profile.file, station) }))
        .reduce<{ profile: StationProfile; match: Match | null }>(
          (a, b) => (weight(b.match) > weight(a.match) ? b : a),
          { profile: fallback, match: null },
        )
      return resolved(best.profile, toldBy(best.match), station)
    },
  }
}

function resolved(
  profile: StationProfile,
  matchedBy: MatchedProfile['matchedBy'],
  station: StationIdentity,
): Resolved {
  const { file } = profile
  const warnings = firmwareWarnings(file, station)
  const quirks = quirksOf(file, station.firmware)
  const matched = {
    ...{ id: profile.id, matchedBy, tier: file.evidence.tier },
    ...{ quirks, warnings, commissioning: file.commissioning },
  }
  // The schema has checked each value against its key.
  const values = Object.fromEntries(quirks.map(({ key, value }) => [key, value])) as QuirkValues
  const capabilities = withQuirks(profile.capabilities, values, file.capabilities)
  return { profile: { ...profile, capabilities }, warnings, quirks: values, matched }
}

/** Of several entries of one key, the first that fits the firmware. A firmware that cannot be read has them all. */
function quirksOf(file: StationProfileFile, firmware: string | null): readonly QuirkInForce[] {
  const version = versionOf(file, firmware)
  const fitting = file.quirks.filter(
    (quirk) => quirk.firmware === undefined || version === null || inRange(version, quirk.firmware),
  )
  return fitting
    .filter(({ key }, place) => fitting.findIndex((other) => other.key === key) === place)
    .map(({ key, value, reason, sources, confidence }) => ({ key, value, reason, sources, confidence }))
}

const weight = (match: Match | null): number => (match === null ? 0 : specificity(match))

function toldBy(match: Match | null): MatchedProfile['matchedBy'] {
  const members = ['identity', 'model', 'vendor', 'firmware'] as const
  return members.find((member) => match?.[member] !== undefined) ?? 'nothing'
}

/** How specific a match is; a more specific one always has more of the rarer members. */
export const specificity = (match: Match): number =>
  (match.identity === undefined ? 0 : 1000) +
  (match.model === undefined ? 0 : 100 + match.model.length) +
  (match.vendor === undefined ? 0 : 10) +
  (match.firmware === undefined ? 0 : 1)

const bestFit = (file: StationProfileFile, station: StationIdentity): Match | null =>
  file.match
    .filter((match) => fits(match, file, station))
    .reduce<Match | null>((a, b) => (weight(b) > weight(a) ? b : a), null)

function fits(match: Match, file: StationProfileFile, station: StationIdentity): boolean {
  const { identity, vendor, model, firmware } = match
  if (identity !== undefined && !new RegExp(identity, 'i').test(station.identity)) return false
  if (vendor !== undefined && plain(vendor) !== plain(station.vendor)) return false
  if (model !== undefined && !modelFits(plain(model), plain(station.model))) return false
  const version = versionOf(file, station.firmware)
  // A firmware text that cannot be read leaves the range out of account; a warning says so.
  return firmware === undefined || version === null || inRange(version, firmware)
}

const plain = (text: string): string => text.trim().toLowerCase()
const modelFits = (pattern: string, model: string): boolean =>
  pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : model === pattern

function versionOf(file: StationProfileFile, firmware: string | null): string | null {
  if (firmware === null) return null
  const found = new RegExp(file.firmware?.pattern ?? '^v?(\\d+(?:\\.\\d+)*)$', 'i').exec(firmware.trim())?.[1]
  return found !== undefined && /^\d+(\.\d+)*$/.test(found) ? found : null
}

function firmwareWarnings(file: StationProfileFile, { firmware }: StationIdentity): readonly string[] {
  const rules = file.firmware
  if (!rules) return []
  const version = versionOf(file, firmware)
  const advice = rules.advice ? `; ${rules.advice}` : ''
  if (version === null) return [`firmware "${firmware ?? ''}" does not show a version`]
  if (rules.bad.some((bad) => compareVersions(bad, version) === 0))
    return [`firmware ${version} is known to be faulty${advice}`]
  if (rules.min !== undefined && compareVersions(version, rules.min) < 0)
    return [`firmware ${version} is older than ${rules.min}${advice}`]
  return []
}

/** What a profile leaves open is taken at its worst. */
function capabilitiesOf({ capabilities }: StationProfileFile): StationCapabilities {
  return {
    offline: capabilities.offline ?? 'unknown',
    startsAlone: capabilities['starts-alone'] ?? true,
    settleS: capabilities['settle-s'] ?? 30,
    provenToObey: capabilities['proven-to-obey'] ?? false,
    limitStepA: amps(capabilities['limit-steps-a'] ?? 1),
    minCurrentA: amps(capabilities['min-current-a'] ?? 6),
    minPowerW: watts(capabilities['min-power-w'] ?? 5000),
    ...(capabilities['fallback-a'] === undefined ? {} : { fallbackA: amps(capabilities['fallback-a']) }),
    ...(capabilities['smart-charging'] === undefined
      ? {}
      : { smartCharging: capabilities['smart-charging'] }),
  }
}
