import type { FunctionCode } from '../../profiles/meter-profile.ts'

/** Registers that belong together: a value. */
export interface Span {
  readonly functionCode: FunctionCode
  readonly addr: number
  readonly words: number
}

/** One request: `count` registers from `addr`. */
export interface Block {
  readonly functionCode: FunctionCode
  readonly addr: number
  readonly count: number
}

/**
 * The fewest requests of at most `maxRead` registers that cover every span, none of which is split. Holes between
 * spans are read along: a register more costs far less than a request more.
 */
export function planReads(spans: readonly Span[], maxRead: number): readonly Block[] {
  const blocks: Block[] = []
  for (const span of [...spans].sort((a, b) => a.functionCode - b.functionCode || a.addr - b.addr)) {
    const last = blocks.at(-1)
    const grown = last && grow(last, span)
    if (grown && grown.count <= maxRead) blocks[blocks.length - 1] = grown
    else blocks.push({ functionCode: span.functionCode, addr: span.addr, count: span.words })
  }
  return blocks
}

const grow = (block: Block, span: Span): Block | undefined =>
  block.functionCode === span.functionCode
    ? { ...block, count: Math.max(block.count, span.addr + span.words - block.addr) }
    : undefined

/** Whether a block holds all of a span. */
export const covers = (block: Block, { functionCode, addr, words }: Span): boolean =>
  functionCode === block.functionCode && addr >= block.addr && addr + words <= block.addr + block.count
