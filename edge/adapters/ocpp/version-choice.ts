import type { IncomingMessage } from 'node:http'
import type { StationId } from '@busbar/model/ids.ts'
import type { ProfileDesk } from './quirks/profile-desk.ts'
import type { OcppVersion } from './rpc/route.ts'
import { ocpp16 } from './v16/ocpp16.ts'
import type { V201Context } from './v201/context.ts'
import { ocpp21, ocpp201 } from './v201/ocpp201.ts'

/** The OCPP versions that are spoken here, and which one with whom. */
export interface VersionChoice {
  get(subprotocol: string): OcppVersion | undefined
  /** The subprotocol to speak, of those offered; null when there is none in common. */
  choose(offered: ReadonlySet<string>, identity: string | null): string | null
  /** What a station that offers nothing means by it. */
  assumed(request: IncomingMessage, station: StationId): OcppVersion | undefined
  /** Whether there is one to speak with whoever makes this request. */
  inCommon(request: IncomingMessage, station: StationId): boolean
}

/** A station's profile says what is spoken with it and what is preferred; of a model that nobody has described, 2.0.1. */
export function versionChoice(context: V201Context): VersionChoice {
  const all = [ocpp201(context), ocpp21(context), ocpp16(context)].map((one) => quirked(one, context.desk))
  const versions = new Map(all.map((version) => [version.subprotocol, version]))
  const choice: VersionChoice = {
    get: (subprotocol) => versions.get(subprotocol),
    choose(offered, identity) {
      const { profile } = context.desk.of(identity ?? '')
      return profile.file.protocols.find((name) => offered.has(name)) ?? null
    },
    assumed({ headers }, station) {
      const protocol = context.desk.quirksOf(station)['handshake.assume-protocol']
      const offersNothing = headers['sec-websocket-protocol'] === undefined
      return offersNothing && protocol !== undefined ? versions.get(protocol) : undefined
    },
    inCommon(request, station) {
      const offered = request.headers['sec-websocket-protocol']
      if (offered === undefined) return choice.assumed(request, station) !== undefined
      return choice.choose(new Set(offered.split(',').map((name) => name.trim())), station) !== null
    },
  }
  return choice
}

/** The version with every message taken by way of its station's quirks. */
const quirked = (version: OcppVersion, desk: ProfileDesk): OcppVersion => ({
  ...version,
  routes: new Map(
    [...version.routes].map(([action, route]) => [
      action,
      { ...route, handle: (call) => desk.handle(call, (one) => route.handle(one)) },
    ]),
  ),
})
