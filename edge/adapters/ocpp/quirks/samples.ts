import type { EvseSample, Input } from '../../../domain/inputs.ts'
import type { StationCall } from '../rpc/route.ts'
import { objectsOf, textOf } from '../tolerant.ts'
import type { Quirk } from './quirk.ts'

type WithSamples = Extract<Input, { readonly samples: readonly EvseSample[] }>
type Payload = StationCall['payload']

/** Every sample that the depot is told, made another; null leaves it out. */
export const eachSample = (
  make: (sample: EvseSample, input: WithSamples) => EvseSample | null,
): ((input: Input) => Input) => {
  return (input) => {
    if (!('samples' in input)) return input
    const samples = input.samples.flatMap((sample) => make(sample, input) ?? [])
    return { ...input, samples }
  }
}

/** A sample without some of its values. */
export function without(sample: EvseSample, ...members: readonly (keyof EvseSample)[]): EvseSample {
  const left = Object.entries(sample).filter(([name]) => !members.some((member) => member === name))
  // The time is no value and stays.
  return { ...(Object.fromEntries(left) as Partial<EvseSample>), time: sample.time }
}

/** A quirk of the sampled values as they come, one envelope after the other. */
export const eachEnvelope = (make: (sampled: readonly Payload[]) => readonly Payload[]): Quirk => ({
  handles(call, usual) {
    const payload = Object.fromEntries(
      Object.entries(call.payload).map(([member, value]) => {
        if (member !== 'meterValue' && member !== 'transactionData') return [member, value]
        return [
          member,
          objectsOf(value).map((one) => ({ ...one, sampledValue: make(objectsOf(one.sampledValue)) })),
        ]
      }),
    )
    return usual({ ...call, payload })
  },
})

export const measurandOf = (sampled: Payload): string =>
  textOf(sampled.measurand) ?? 'Energy.Active.Import.Register'
