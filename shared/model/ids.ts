declare const id: unique symbol
type Id<Name extends string> = string & { readonly [id]: Name }

/** Charging station identity: the last segment of its OCPP address. */
export type StationId = Id<'station'>
/** Circuit of the electrical tree. */
export type CircuitId = Id<'circuit'>
/** Meter. */
export type MeterId = Id<'meter'>
/** Vehicle. */
export type VehicleId = Id<'vehicle'>
/** Transaction, unique in the depot for ever; for OCPP 1.6 it is the decimal transactionId. */
export type TransactionId = Id<'transaction'>
/** What identifies a driver or vehicle to a station. */
export type IdToken = Id<'id-token'>
/** One unbroken fact log: a UUID. */
export type Epoch = Id<'epoch'>
/** `STATION/EVSE`, e.g. `A-01/1`. */
export type EvseKey = Id<'evse'>

/** Marks already validated text as an id; decoders and configuration only. */
export const as = <T extends Id<string>>(text: string): T => text as T
/** The key of EVSE `evse` (from 1) of a station. */
export const evseKey = (station: StationId, evse: number): EvseKey => `${station}/${evse}` as EvseKey
